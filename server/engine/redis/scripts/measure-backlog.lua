-- How much a partition owes.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua
-- Returns: accounts that owe something, since when the one that owes the longest ('' where none does)
-- Races: none.
-- include: text, time
local oldest = redis.call('ZRANGE', partition .. 'owed', 0, 0, 'WITHSCORES')
return { redis.call('ZCARD', partition .. 'owed'), oldest[2] or '' }
