-- Ends a step: stores what it changed, says when the accounts that moved are due, and hands out what is to be told.

local function head(queue)
  return tonumber(redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')[2]) or math.huge
end

-- What has been logged since the event `account.settled` is owed.
local function owe(account)
  redis.call('HSETNX', account.delivery, 'after', account.settled)
  redis.call('ZADD', partition .. 'owed', 'NX', num(now), account.key)
  if not redis.call('ZSCORE', partition .. 'claimed', account.key) then
    redis.call('ZADD', partition .. 'owing', 'NX', num(now), account.key)
  end
end

local function store(account)
  if account.settled then
    -- Since when it has entries that can grow old; trim-audit.lua looks anew.
    redis.call('ZADD', partition .. 'aging', 'NX', num(account.event_ms), account.key)
  end
  if account.settled and DELIVER then
    owe(account)
  end
  account.settled = nil
  for _, agent in pairs(account.dirty) do
    save_agent(account, agent)
  end
  account.dirty = {}
  if account.counted then
    redis.call(
      'HSET', account.state, 'eventMs', num(account.event_ms), 'eventSeq', account.event_seq, 'feedSeq', account.feed_seq
    )
    account.counted = false
  end
end

-- Files the account under the next moment at which something of it is due.
local function track(account)
  local due = math.min(
    head(account.warned), head(account.waiting) + account.timeout_ms - lead_ms, head(account.departed), head(account.buried)
  )
  if due == math.huge then
    redis.call('ZREM', partition .. 'due', account.key)
  else
    redis.call('ZADD', partition .. 'due', num(due), account.key)
  end
  return due
end

-- Answer, the next due moment of what moved ('' where nothing did), id and content of the outbox entry.
local function finish(answer)
  local due = math.huge
  keep_time()
  for _, account in ipairs(opened) do
    store(account)
    if account.moved then
      due = math.min(due, track(account))
    end
  end
  local id, text = fill_outbox()
  return { answer, due == math.huge and '' or num(due), id, text }
end
