-- Claims accounts of a partition whose minute has come to be recorded; forgets those that nobody wants any more.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 how many at most, 7 the one account (encoded) that is asked for, or ''
-- Returns: accounts (encoded)
-- Races: of nodes that claim at the same time one gets the minute.
-- include: text, time, trail
local claimed, limit = {}, tonumber(ARGV[6])
for _, key in ipairs(redis.call('ZRANGEBYSCORE', recording, '-inf', num(now))) do
  if #claimed == limit then
    break
  end
  if ARGV[7] == '' or ARGV[7] == key then
    if tonumber(redis.call('ZSCORE', wanted, key) or 0) <= now then
      local recorded = recorded_of(key)
      redis.call('ZREM', wanted, key)
      redis.call('ZREM', recording, key)
      redis.call('UNLINK', recorded.points, recorded.latest, recorded.trails)
    else
      local next_at = tonumber(redis.call('ZSCORE', recording, key)) + RECORD_EVERY_MS
      redis.call('ZADD', recording, num(next_at > now and next_at or now + RECORD_EVERY_MS), key)
      claimed[#claimed + 1] = key
    end
  end
end
if #claimed > 0 then
  keep_time()
end
return claimed
