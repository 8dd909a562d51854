-- An end that was lost, once more.

-- The event as it was, in its place among those that came after it: these are few, all of them of the last seconds.
local function log_again(account, event)
  local shelf = KEPT_TYPES[event.type] and account.kept or account.common
  local ms, seq = string.match(event.id, '^(%d+)-(%d+)')
  ms, seq = tonumber(ms), tonumber(seq)
  local id = num(ms) .. '-' .. num(seq)
  local later = redis.call('XRANGE', shelf, id, '+', 'COUNT', 1000)
  if #later > 0 and later[1][1] == id or #later == 1000 then
    return
  end
  for _, entry in ipairs(later) do
    redis.call('XDEL', shelf, entry[1])
  end
  local last = redis.call('XREVRANGE', shelf, '+', '-', 'COUNT', 1)[1]
  if #later > 0 then
    redis.call('XSETID', shelf, last and last[1] or '0-1')
  end
  redis.call('XADD', shelf, id, 'e', event.json)
  for _, entry in ipairs(later) do
    redis.call('XADD', shelf, entry[1], unpack(entry[2]))
  end
  if ms > account.event_ms or (ms == account.event_ms and seq > account.event_seq) then
    account.event_ms, account.event_seq = ms, seq
    account.counted = true
  end
end

-- Whoever is told of events gets it, also where they were told of later ones: those come twice, with their ids.
local function owe_again(account, event)
  local before = string.match(event.id, '^%d+%-%d+')
  local after = redis.call('HGET', account.delivery, 'after')
  if not after or precedes(before, after) then
    redis.call('HSET', account.delivery, 'after', before)
  end
  redis.call('HDEL', account.delivery, 'claim')
  redis.call('ZREM', partition .. 'claimed', account.key)
  redis.call('ZADD', partition .. 'owed', 'NX', num(now), account.key)
  redis.call('ZADD', partition .. 'owing', num(now), account.key)
end

-- Nobody knows the events of an end that was only found: they are made anew, with ids that nothing of that moment has.
local function events_of(account, agent, ending, inactive, departure)
  local events = {}
  local function add(event_type, data)
    local id = string.format('%013.0f-%06d-%s', ending.at, 900000 + #events, string.sub(redis.sha1hex(account.key), 1, 8))
    local body = string.format('"type":"%s","data":%s', event_type, data)
    local event = string.format('{"id":"%s","account":%s,"at":%.0f,%s}', id, account.json, ending.at, body)
    events[#events + 1] = { id = id, type = event_type, json = event }
  end
  add('session.ended', string.format(
    '{"agent":%s,"sessions":[%s],"reason":"%s","inactivity":%s,"lastActivityAt":%.0f}',
    json(decode(agent.key)), table.concat(ending.listed, ','), ending.reason,
    ending.reason == 'timeout' and inactive or 'null', agent.active_at
  ))
  if departure then
    add(departure[1], departure[2])
  end
  return events
end

local function end_again(account, agent_key, ending)
  local agent = load_agent(account, agent_key)
  ending.listed = {}
  for i, sid in ipairs(ending.sids) do
    ending.listed[i] = json(decode(sid))
    bury(account, sid, agent_key, ending.reason, ending.at)
    local place = agent and select(2, login_of(agent, sid))
    if place then
      table.remove(agent.logins, place)
      redis.call('HDEL', account.sids, sid)
    end
  end
  account.moved = true
  local inactive, departure = agent and inactivity_of(agent), nil
  if agent then
    close_tabs(agent, function(tab)
      return not login_of(agent, tab.sid)
    end)
    if #agent.logins == 0 and not agent.signed_out_at then
      departure = depart(account, agent, ending.reason, '')
    end
  end
  local events = #ending.events == 0 and agent and events_of(account, agent, ending, inactive, departure) or ending.events
  for _, event in ipairs(events) do
    log_again(account, event)
  end
  if DELIVER and events[1] then
    owe_again(account, events[1])
  end
  if not agent then
    return
  end
  agent.rev = math.max(agent.rev + 1, ending.rev)
  emit(account, agent, {
    string.format(
      '{"type":"ended","rev":%.0f,"sids":[%s],"reason":"%s","endedAt":%.0f}',
      agent.rev, table.concat(ending.listed, ','), ending.reason, ending.at
    ),
  }, {})
end
