-- Forgets the audit entries of a partition that have reached the age up to which they are kept.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 how many accounts at most
-- Returns: '1' if accounts are left that have such entries, else ''
-- Races: none. What is gone is gone, whoever comes first.
-- include: text, time, account
-- Where nothing is left that could be asked for: the default policy holds, and ids of events follow from the time.
-- Answers whether something is left that goes without a word to the log.
local function forget_if_empty(account)
  if account.watched_until and not is_watched(account) then
    reset_feed(account)
  end
  local left = redis.call('EXISTS', account.agents, account.ended, account.changed, account.delivery, account.letters)
  if left == 0 and redis.call('HEXISTS', account.state, 'version') == 0 then
    redis.call('DEL', account.state)
  end
  return left > 0
end

even_when_full()
local aging, latest_gone = partition .. 'aging', now - AUDIT_MAX_AGE_MS
for _, key in ipairs(redis.call('ZRANGEBYSCORE', aging, '-inf', num(latest_gone), 'LIMIT', 0, ARGV[6])) do
  local account, oldest = open_account(key), math.huge
  for _, shelf in ipairs({ account.kept, account.common }) do
    redis.call('XTRIM', shelf, 'MINID', num(latest_gone + 1))
    local first = redis.call('XRANGE', shelf, '-', '+', 'COUNT', 1)[1]
    -- An empty stream stays a key.
    if not first then
      redis.call('DEL', shelf)
    end
    oldest = math.min(oldest, first and tonumber(string.match(first[1], '^%d+')) or math.huge)
  end
  if oldest == math.huge and not forget_if_empty(account) then
    redis.call('ZREM', aging, key)
  else
    -- Without an entry: looked at again when one of now would be too old.
    redis.call('ZADD', aging, num(math.min(oldest, now)), key)
  end
end
return redis.call('ZCOUNT', aging, '-inf', num(latest_gone)) > 0 and '1' or ''
