-- How many agents are live and how many of them are warned, in all accounts of a partition.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua
-- Returns: live agents, those of them who are warned
-- Races: none.
-- include: text, time
local live, warned = 0, 0
for _, key in ipairs(redis.call('ZRANGE', partition .. 'due', 0, -1)) do
  local warned_here = redis.call('ZCARD', partition .. key .. ':warned')
  live = live + redis.call('ZCARD', partition .. key .. ':waiting') + warned_here
  warned = warned + warned_here
end
return { live, warned }
