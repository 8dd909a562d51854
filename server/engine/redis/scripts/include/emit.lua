-- What a step says: into the audit log and into the outbox, in the same script as what it does.

local emissions = {}

local function keep(account, agent)
  account.dirty[agent.key] = agent
end

-- Of interest to whoever watches.
local function changed(account, agent)
  keep(account, agent)
  mark(account, agent.key)
end

local function event_id(account)
  -- As ids.ts makes it: the end makes it unlike the ids of other accounts.
  account.mark = account.mark or string.sub(redis.sha1hex(account.key), 1, 8)
  return string.format('%013.0f-%06d-%s', account.event_ms, account.event_seq, account.mark)
end

-- Writes an audit entry; answers it as JSON. `body`: its type and what it holds, as the inside of a JSON object.
local function log(account, event_type, body)
  account.settled = account.settled or event_id(account)
  if now > account.event_ms then
    account.event_ms, account.event_seq = now, 0
  else
    account.event_seq = account.event_seq + 1
  end
  account.counted = true
  local shelf = KEPT_TYPES[event_type] and account.kept or account.common
  local event = string.format(
    '{"id":"%s","account":%s,"at":%.0f,%s}', event_id(account), account.json, now, body
  )
  local id = num(account.event_ms) .. '-' .. num(account.event_seq)
  redis.call('XADD', shelf, 'MAXLEN', AUDIT_LENGTH, id, 'e', event)
  return event
end

-- Drafts are { type, data as JSON }; pushes are JSON.
local function emit(account, agent, pushes, drafts)
  local events = {}
  for i, draft in ipairs(drafts) do
    events[i] = log(account, draft[1], '"type":"' .. draft[1] .. '","data":' .. draft[2])
  end
  emissions[#emissions + 1] = string.format(
    '{"account":%s,"agent":%s,"pushes":[%s],"events":[%s]}',
    account.json, agent and json(decode(agent.key)) or 'null', table.concat(pushes, ','), table.concat(events, ',')
  )
  if agent then
    changed(account, agent)
  end
end

-- Pending for this node at once, so that another can claim what it does not come to tell.
local function fill_outbox()
  if #emissions == 0 then
    return '', ''
  end
  local outbox = partition .. 'outbox'
  local text = '[' .. table.concat(emissions, ',') .. ']'
  local id = redis.call('XADD', outbox, '*', 'e', text)
  local read = redis.pcall('XREADGROUP', 'GROUP', 'relay', node, 'STREAMS', outbox, '>')
  if read and read.err then
    redis.call('XGROUP', 'CREATE', outbox, 'relay', '0')
    redis.call('XREADGROUP', 'GROUP', 'relay', node, 'STREAMS', outbox, '>')
  end
  return id, text
end
