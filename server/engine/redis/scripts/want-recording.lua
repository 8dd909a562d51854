-- Somebody looks at an account: its presence is to be recorded for a while.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded)
-- Returns: '1' if that is new, else ''
-- Races: none. Of two for whom it is new the first is told so.
-- include: text, time, trail
local is_new = redis.call('ZADD', wanted, num(now + WANTED_MS), ARGV[6]) == 1
if is_new then
  redis.call('ZADD', recording, num(now), ARGV[6])
end
keep_time()
return is_new and '1' or ''
