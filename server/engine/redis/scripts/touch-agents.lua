-- Input: raises lastActivityAt of live agents; who is warned resumes, or their end moves.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each account: account (encoded), how many reports, the latest moment of them,
--       for each report its moment and agent (encoded), then for each its sid (encoded). At most 500 reports.
-- Returns: '', the next due moment of who resumed, outbox id, emissions
-- Races: what arrives before an end was carried out counts; a late flush never brings an ended agent back (ZADD XX),
--        and never lowers anything (GT), so repeating it is harmless.
-- include: time

-- The hot path, ahead of everything that only the others need: where nobody watches an account, nobody who is touched is
-- warned and all sids are alive, the arguments are a ZADD as they stand. Answers whether it was so.
local function touch_plainly(at, first, count, latest_at, calm)
  local last = first + 2 * count - 1
  local owners = redis.call('HMGET', at .. 'sids', unpack(ARGV, last + 1, last + count))
  for i = 1, count do
    if owners[i] ~= ARGV[first + 2 * i - 1] then
      return false
    end
  end
  if latest_at > now or not calm and redis.call('EXISTS', at .. 'changed') == 1 then
    return false
  end
  -- One call that looks among the few who are warned, not one for each who is touched.
  for _, ends_at in ipairs(calm and {} or redis.call('ZMSCORE', at .. 'warned', unpack(owners))) do
    if ends_at then
      return false
    end
  end
  redis.call('ZADD', at .. 'waiting', 'XX', 'GT', unpack(ARGV, first, last))
  return true
end

local places, rare, at = {}, {}, 6
while at <= #ARGV do
  places[#places + 1] = at
  rare[#rare + 1] = partition .. ARGV[at] .. ':warned'
  rare[#rare + 1] = partition .. ARGV[at] .. ':changed'
  at = at + 3 + 3 * tonumber(ARGV[at + 1])
end
even_when_full()
local others, calm = {}, redis.call('EXISTS', unpack(rare)) == 0
for _, place in ipairs(places) do
  local prefix, count, latest_at = partition .. ARGV[place] .. ':', tonumber(ARGV[place + 1]), tonumber(ARGV[place + 2])
  if not touch_plainly(prefix, place + 3, count, latest_at, calm) then
    others[#others + 1] = place
  end
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
