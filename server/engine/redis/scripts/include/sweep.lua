-- What is due in one account, as in memory/sweep.ts.

-- Activity that lies in the future of a clock that was set back becomes now.
local function pull_back(account)
  local ahead = redis.call('ZRANGEBYSCORE', account.waiting, '(' .. num(now), '+inf')
  for _, key in ipairs(ahead) do
    redis.call('ZADD', account.waiting, num(now), key)
    mark(account, key)
  end
  for _, key in ipairs(redis.call('ZRANGE', account.warned, 0, -1)) do
    local agent = load_agent(account, key)
    agent.active_at = math.min(agent.active_at, now)
    changed(account, agent)
  end
end

-- Everybody warned is judged again before any end.
local function mark_gap(account, gap)
  if account.gap_seen == gap.id then
    return
  end
  redis.call('HSET', account.state, 'gap', gap.id)
  if gap.back then
    pull_back(account)
  end
  redis.call('ZUNIONSTORE', account.warned, 1, account.warned, 'WEIGHTS', 0)
end

local may_end_at = settled_at()

-- A warned agent whose moment may have come is judged under the policy of now.
local function judge(account, agent, gap)
  if warn_at(account, agent.active_at) > now then
    resume(account, agent)
  elseif agent.warned_at < gap.at or agent.warned_at > now then
    warn(account, agent)
  elseif math.max(ends_at(account, agent), may_end_at) > now then
    redis.call('ZADD', account.warned, num(math.max(ends_at(account, agent), may_end_at)), agent.key)
  else
    end_sessions(account, agent, sids_by_age(agent), 'timeout', '')
  end
end

-- Calls `act` with each head of a queue up to `limit`, at most `left` times; answers how many may still come.
local function take_heads(queue, limit, left, act)
  while left > 0 do
    local first = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
    if not first[1] or tonumber(first[2]) > limit then
      break
    end
    act(first[1])
    left = left - 1
  end
  return left
end

-- At most `budget` transitions; answers how many there were.
local function sweep_account(account, gap, budget)
  mark_gap(account, gap)
  local left = take_heads(account.warned, now, budget, function(key)
    judge(account, load_agent(account, key), gap)
  end)
  left = take_heads(account.waiting, now - account.timeout_ms + lead_ms, left, function(key)
    warn(account, load_agent(account, key))
  end)
  left = take_heads(account.departed, now, left, function(key)
    redis.call('ZREM', account.departed, key)
    redis.call('HDEL', account.agents, key)
    account.loaded[key] = nil
    account.dirty[key] = nil
  end)
  left = take_heads(account.buried, now, left, function(sid)
    redis.call('ZREM', account.buried, sid)
    redis.call('HDEL', account.ended, sid)
  end)
  return budget - left
end
