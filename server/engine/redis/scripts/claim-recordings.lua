-- Claims accounts of a partition whose minute has come to be recorded; forgets those that nobody wants any more.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 how many at most, 7 the one account (encoded) that is asked for, or ''
-- Returns: accounts (encoded)
-- Races: of nodes that claim at the same time one gets the minute.
-- include: text, time, trail
local claimed, due = {}, { ARGV[7] }
if ARGV[7] == '' then
  due = redis.call('ZRANGEBYSCORE', recording, '-inf', num(now), 'LIMIT', 0, ARGV[6])
end
for _, key in ipairs(due) do
  local due_at = tonumber(redis.call('ZSCORE', recording, key) or math.huge)
  if due_at > now then
    break
  elseif tonumber(redis.call('ZSCORE', wanted, key) or 0) <= now then
    local recorded = recorded_of(key)
    redis.call('ZREM', wanted, key)
    redis.call('ZREM', recording, key)
    redis.call('UNLINK', recorded.points, recorded.latest, recorded.trails)
  else
    local next_at = due_at + RECORD_EVERY_MS
    redis.call('ZADD', recording, num(next_at > now and next_at or now + RECORD_EVERY_MS), key)
    claimed[#claimed + 1] = key
  end
end
if #claimed > 0 then
  keep_time()
end
return claimed
