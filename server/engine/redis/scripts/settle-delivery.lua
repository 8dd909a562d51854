-- Writes down what came of a claimed account's deliveries, and gives the claim up.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded), 7 the name of the claim, 8 settled up to, 9 attempts that failed in a
--       row, 10 since when, 11 '1' where the receiver could not be reached and else '', 12 next attempt in ms, 13 when the
--       oldest event happened that is owed, 14 how many events were given up, then for each: id, event as JSON, why; then
--       for each dead letter that was sent again: id, '1' where it was taken and else '0'
-- Returns: '1', or '0' where the claim had run out: then nothing is written
-- Races: whose claim ran out while it delivered writes nothing; what it delivered is delivered again.
-- include: text, time, account, delivery
local account = open_account(ARGV[6])
local is_ours = redis.call('ZSCORE', partition .. 'claimed', account.key)
  and redis.call('HGET', account.delivery, 'claim') == ARGV[7]
if not is_ours then
  return '0'
end
redis.call(
  'HSET', account.delivery, 'after', ARGV[8], 'attempts', ARGV[9], 'since', ARGV[10], 'unreachable', ARGV[11]
)
local dead = tonumber(ARGV[14])
for place = 15, 12 + 3 * dead, 3 do
  local letter = '{"event":%s,"failedAt":%.0f,"error":%s}'
  redis.call(
    'HSET', account.letters, ARGV[place], string.format(letter, ARGV[place + 1], now, json(ARGV[place + 2]))
  )
end
for place = 15 + 3 * dead, #ARGV, 2 do
  if ARGV[place + 1] == '1' then
    drop_letter(account, ARGV[place])
  else
    redis.call('SREM', account.resending, ARGV[place])
  end
end
trim_letters(account)
redis.call(ARGV[11] == '1' and 'SADD' or 'SREM', partition .. 'stalled', account.key)
queue_delivery(account, now + tonumber(ARGV[12]), tonumber(ARGV[13]))
keep_time()
return '1'
