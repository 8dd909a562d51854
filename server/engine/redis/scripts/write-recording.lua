-- Writes a piece of a recording of an account's presence.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded), 7 the moment, 8 the counts ('' where they follow with another
--       piece), 9 how many agents are to be forgotten, then these (encoded), then for each turn: agent (encoded), turn
-- Returns: nothing
-- Races: none: the minute was claimed. What nobody wants any more is not written.
-- include: text, time, trail
local recorded, at, forgotten = recorded_of(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[9])
if not redis.call('ZSCORE', wanted, ARGV[6]) then
  return ''
end
for place = 10, 9 + forgotten do
  redis.call('HDEL', recorded.latest, ARGV[place])
  redis.call('HDEL', recorded.trails, ARGV[place])
end
for place = 10 + forgotten, #ARGV, 2 do
  local key, turn = ARGV[place], ARGV[place + 1]
  redis.call('HSET', recorded.trails, key, with_turn(redis.call('HGET', recorded.trails, key) or '', turn))
  redis.call('HSET', recorded.latest, key, turn)
end
if ARGV[8] ~= '' then
  local function moment_of(place)
    local point = redis.call('LINDEX', recorded.points, place)
    return point and tonumber(string.match(point, '^%d+'))
  end
  -- After it lies what was recorded before the clock was set back.
  while (moment_of(-1) or 0) >= at do
    redis.call('RPOP', recorded.points)
  end
  while (moment_of(0) or at) <= at - RECORDED_MS do
    redis.call('LPOP', recorded.points)
  end
  redis.call('RPUSH', recorded.points, ARGV[7] .. ' ' .. ARGV[8])
  redis.call('LTRIM', recorded.points, -MAX_POINTS, -1)
  keep_time()
end
return ''
