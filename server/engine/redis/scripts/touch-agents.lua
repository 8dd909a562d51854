-- Input: raises lastActivityAt of live agents; who is warned resumes, or their end moves.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each account: account (encoded), how many reports, the latest moment of them,
--       for each report its moment and agent (encoded), then for each its sid (encoded). At most 500 reports.
-- Returns: '', the next due moment of who resumed, outbox id, emissions
-- Races: what arrives before an end was carried out counts; a late flush never brings an ended agent back (ZADD XX),
--        and never lowers anything (GT), so repeating it is harmless.
-- include: text, time, account, agent, view, emit, finish, transitions, touch
local at = 6
while at <= #ARGV do
  local account, count = open_account(ARGV[at]), tonumber(ARGV[at + 1])
  touch_account(account, at + 3, count, tonumber(ARGV[at + 2]))
  at = at + 3 + 3 * count
end
return finish('')
