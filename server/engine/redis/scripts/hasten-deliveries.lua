-- Makes accounts of a partition due that wait because the receiver could not be reached, the soonest first.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 how many at most
-- Returns: nothing
-- Races: none. What is claimed stays claimed.
-- include: text, time
local left = tonumber(ARGV[6])
for _, key in ipairs(redis.call('ZRANGEBYSCORE', partition .. 'owing', '(' .. num(now), '+inf', 'LIMIT', 0, 2000)) do
  if left == 0 then
    break
  end
  if redis.call('SISMEMBER', partition .. 'stalled', key) == 1 then
    redis.call('ZADD', partition .. 'owing', num(now), key)
    left = left - 1
  end
end
return ''
