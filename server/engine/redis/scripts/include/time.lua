-- Engine time of the partition; opens every script.
-- ARGV: 1 the epoch that the node knows, 2 the time (tests only, else ''), 3 the node, 4 lead, 5 minimum timeout.
local clock = KEYS[1]
local partition = string.sub(clock, 1, -6)
local node, lead_ms, min_timeout_ms = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local stored = redis.call('HMGET', clock, 'epoch', 'latest')
-- Other data than this node knows: it has to find out first what was lost.
if stored[1] ~= ARGV[1] then
  return redis.error_reply('EPOCH ' .. (stored[1] or ''))
end

local function server_time()
  if ARGV[2] ~= '' then
    return tonumber(ARGV[2])
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local latest = tonumber(stored[2]) or 0
local read_at = server_time()
local now = math.max(latest, read_at)

-- What has been used never comes again.
local function keep_time()
  if now > latest then
    redis.call('HSET', clock, 'latest', string.format('%d', now))
  end
end

-- For what must go on in a full Redis, and needs next to no memory: people at work stay, others are signed out, tabs come
-- back. Redis refuses writes for want of memory only until a script has made one that frees some.
local function even_when_full()
  redis.call('DEL', partition .. 'none')
end
