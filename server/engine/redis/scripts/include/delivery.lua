-- Debts. Per account: `delivery` (after, claim, attempts, since, unreachable), `letters` by the event's id, and which of
-- them are `resending`. Per partition, accounts: `owed` by the oldest event that is owed, and either `owing` by the next
-- attempt or `claimed` by the end of the claim; `stalled` where the receiver could not be reached.

local function last_event(account)
  local mark = string.sub(redis.sha1hex(account.key), 1, 8)
  return string.format('%013.0f-%06d-%s', account.event_ms, account.event_seq, mark)
end

-- Files the account under its next attempt, if it owes anything.
local function queue_delivery(account, retry_at, oldest_at)
  local after = redis.call('HGET', account.delivery, 'after')
  redis.call('ZREM', partition .. 'claimed', account.key)
  if after and (precedes(after, last_event(account)) or redis.call('SCARD', account.resending) > 0) then
    redis.call('ZADD', partition .. 'owing', num(retry_at), account.key)
    redis.call('ZADD', partition .. 'owed', num(oldest_at), account.key)
  else
    redis.call('ZREM', partition .. 'owing', account.key)
    redis.call('ZREM', partition .. 'owed', account.key)
  end
end

local function drop_letter(account, id)
  redis.call('HDEL', account.letters, id)
  redis.call('SREM', account.resending, id)
end

-- Too many, or too old: the oldest go first.
local function trim_letters(account)
  local ids = redis.call('HKEYS', account.letters)
  table.sort(ids, precedes)
  for place, id in ipairs(ids) do
    local at = tonumber(string.match(id, '^%d+'))
    if #ids - place >= DEAD_LETTERS or at <= now - RETENTION_MS then
      drop_letter(account, id)
    end
  end
end
