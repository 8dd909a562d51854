-- Names of live agents, a window of them: whoever is warned, and who waits from a moment of activity on. Read upwards,
-- nobody who stays live is missed: activity and resuming only move upwards, and the warned are read with every window.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded), 7 from which lastActivityAt on, 8 how many of those who wait
-- Returns: the warned, those who wait, the lastActivityAt of the last of these ('' where they are all)
-- Races: an agent may stand in two windows.
-- include: text, time, account
local account, limit = open_account(ARGV[6]), tonumber(ARGV[8])
local warned = redis.call('ZRANGE', account.warned, 0, -1)
local waiting = redis.call('ZRANGEBYSCORE', account.waiting, ARGV[7], '+inf', 'LIMIT', 0, limit)
local last = ''
if #waiting == limit then
  last = redis.call('ZSCORE', account.waiting, waiting[limit])
end
return { warned, waiting, last }
