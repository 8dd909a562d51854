-- Input: raises lastActivityAt of live agents; who is warned resumes, or their end moves.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each account: account (encoded), how many reports, the latest moment of them,
--       for each report its moment and agent (encoded), then for each its sid (encoded). At most 500 reports.
-- Returns: '', the next due moment of who resumed, outbox id, emissions
-- Races: what arrives before an end was carried out counts; a late flush never brings an ended agent back (ZADD XX),
--        and never lowers anything (GT), so repeating it is harmless.
-- include: time

-- The hot path, ahead of everything that only the others need: where nobody of an account is warned, nobody watches and
-- all sids are alive, the arguments are a ZADD as they stand. Answers whether it was so.
local function touch_plainly(key, first, count, latest_at)
  local at, last = partition .. key .. ':', first + 2 * count - 1
  local owners = redis.call('HMGET', at .. 'sids', unpack(ARGV, last + 1, last + count))
  for i = 1, count do
    if owners[i] ~= ARGV[first + 2 * i - 1] then
      return false
    end
  end
  if latest_at > now or redis.call('EXISTS', at .. 'warned') == 1 or redis.call('HEXISTS', at .. 'state', 'watchedUntil') == 1 then
    return false
  end
  redis.call('ZADD', at .. 'waiting', 'XX', 'GT', unpack(ARGV, first, last))
  return true
end

even_when_full()
local others, at = {}, 6
while at <= #ARGV do
  local count = tonumber(ARGV[at + 1])
  if not touch_plainly(ARGV[at], at + 3, count, tonumber(ARGV[at + 2])) then
    others[#others + 1] = at
  end
  at = at + 3 + 3 * count
end
keep_time()
if #others == 0 then
  return { '', '', '', '' }
end

-- then include: text, account, agent, view, emit, finish, transitions, touch
for _, place in ipairs(others) do
  touch_each(open_account(ARGV[place]), place + 3, tonumber(ARGV[place + 1]))
end
return finish('')
