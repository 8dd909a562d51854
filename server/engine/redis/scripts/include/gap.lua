-- Whether anybody watched the clock: where not for 2.5 s, everybody in `warned` gets a whole new lead.

-- What is to be delivered at a moment that lies far ahead now is due; what is claimed until then is free.
local function hasten_deliveries()
  for _, queue in ipairs({ partition .. 'owing', partition .. 'claimed' }) do
    for _, key in ipairs(redis.call('ZRANGEBYSCORE', queue, '(' .. num(now), '+inf', 'LIMIT', 0, 10000)) do
      redis.call('ZADD', queue, num(now), key)
    end
  end
end

-- Takes over a clock that was set back by more than a minute. Answers the last gap, and how often the clock was set back.
local function notice_gap()
  local state = redis.call('HMGET', clock, 'sweptAt', 'gapAt', 'gapBack', 'backs')
  local stepped_back = latest - read_at > STEP_BACK_MS
  local backs = (tonumber(state[4]) or 0) + (stepped_back and 1 or 0)
  if stepped_back then
    now = read_at
    latest = read_at
    redis.call('HSET', clock, 'latest', num(now), 'backs', backs)
    hasten_deliveries()
  end
  local gap = { at = tonumber(state[2]) or 0, back = state[3] == '1', noticed = false }
  if stepped_back or now - (tonumber(state[1]) or 0) > GAP_MS then
    gap = { at = now, back = stepped_back, noticed = true }
    redis.call('HSET', clock, 'gapAt', num(now), 'gapBack', stepped_back and '1' or '0')
    -- Every account is looked at.
    redis.call('ZUNIONSTORE', partition .. 'due', 1, partition .. 'due', 'WEIGHTS', 0)
  end
  redis.call('HSET', clock, 'sweptAt', num(now))
  -- A clock that was set back may meet a moment again at which there was one before.
  gap.id = num(gap.at) .. ':' .. num(backs)
  return gap, num(backs)
end
