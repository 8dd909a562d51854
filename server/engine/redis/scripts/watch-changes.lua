-- Who changed among an account's agents since a cursor; keeps the account watched.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded), 7 and 8 generation and number of the cursor (or ''), 9 a new generation
-- Returns: the generation and number of the next cursor, '1' if the cursor was known and else '', who changed
-- Races: what changes after this is found from the next cursor on.
-- include: text, time, account
local account = open_account(ARGV[6])
local generation = redis.call('HGET', account.state, 'feed')
keep_time()
if not generation or not is_watched(account) then
  reset_feed(account)
  generation, account.feed_seq = ARGV[9], 0
  -- Nobody's name, below every cursor: while the account is watched the key exists, which is what a touch looks at.
  redis.call('ZADD', account.changed, 0, '')
  -- Also without a word in the log: trim-audit.lua forgets what is left of it one day.
  redis.call('ZADD', partition .. 'aging', 'NX', num(now), account.key)
end
redis.call(
  'HSET', account.state, 'feed', generation, 'feedSeq', account.feed_seq, 'watchedUntil', num(now + WATCHED_MS)
)
local seq = tonumber(ARGV[8])
if ARGV[7] ~= generation or not seq then
  return { generation, num(account.feed_seq), '', {} }
end
local changed = redis.call('ZRANGEBYSCORE', account.changed, '(' .. num(seq), '+inf')
return { generation, num(account.feed_seq), '1', changed }
