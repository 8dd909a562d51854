-- Marks the dead letters of an account to be sent once more, and makes the account due.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded)
-- Returns: how many there are
-- Races: none. Repeated, it marks what is marked.
-- include: text, time, account, delivery
local account = open_account(ARGV[6])
trim_letters(account)
local ids = redis.call('HKEYS', account.letters)
for _, id in ipairs(ids) do
  redis.call('SADD', account.resending, id)
end
if #ids > 0 and not redis.call('ZSCORE', partition .. 'claimed', account.key) then
  local oldest_at = redis.call('ZSCORE', partition .. 'owed', account.key)
  queue_delivery(account, now, tonumber(oldest_at) or now)
end
return #ids
