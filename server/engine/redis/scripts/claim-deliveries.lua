-- Claims accounts of a partition whose next delivery is due.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 how many at most, 7 for how long in ms, 8 the name of the claim
-- Returns: for each account (encoded): account, settled up to, newest event, attempts that failed in a row, since when,
--          '1' where the receiver could not be reached and else '', dead letters to be sent again
-- Races: of nodes that claim at the same time one gets an account; a claim that ran out is free for the next.
-- include: text, time, account, delivery
for _, key in ipairs(redis.call('ZRANGEBYSCORE', partition .. 'claimed', '-inf', num(now), 'LIMIT', 0, 100)) do
  redis.call('ZREM', partition .. 'claimed', key)
  redis.call('ZADD', partition .. 'owing', num(now), key)
end
local claims = {}
for _, key in ipairs(redis.call('ZRANGEBYSCORE', partition .. 'owing', '-inf', num(now), 'LIMIT', 0, ARGV[6])) do
  local account = open_account(key)
  redis.call('ZREM', partition .. 'owing', key)
  redis.call('ZADD', partition .. 'claimed', num(now + tonumber(ARGV[7])), key)
  redis.call('HSET', account.delivery, 'claim', ARGV[8])
  local state = redis.call('HMGET', account.delivery, 'after', 'attempts', 'since', 'unreachable')
  claims[#claims + 1] = {
    key, state[1], last_event(account), state[2] or '0', state[3] or '0', state[4] or '',
    redis.call('SCARD', account.resending),
  }
end
keep_time()
return claims
