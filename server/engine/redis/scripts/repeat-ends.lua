-- A node met a Redis that may have lost the last moments (a failover): ends that it told are carried out again where they
-- are gone, as they were, with the ids of their events. Who was told of one knows the second by its id.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each end: account, agent (encoded), rev, reason, when it was, how many sids,
--       these (encoded), how many events, for each of these its id, its type and the event as JSON. At most 50.
-- Returns: '', the next due moment, outbox id, emissions of what was carried out again
-- Races: nodes repeat before they do anything else in the partition, and what is there already stays as it is.
-- include: text, time, account, agent, view, tombstone, emit, finish, transitions, tabs, ending, delivery, again
even_when_full()
local place = 6

local function take()
  place = place + 1
  return ARGV[place - 1]
end

local function take_many(count, each)
  local taken = {}
  for i = 1, count do
    taken[i] = each()
  end
  return taken
end

while place <= #ARGV do
  local account = open_account(take())
  local agent_key, rev, reason, ended_at = take(), tonumber(take()), take(), tonumber(take())
  local sids = take_many(tonumber(take()), take)
  local events = take_many(tonumber(take()), function()
    return { id = take(), type = take(), json = take() }
  end)
  local lost = {}
  for _, sid in ipairs(sids) do
    if not tombstone_of(account, sid) then
      lost[#lost + 1] = sid
    end
  end
  -- One that has ended otherwise since stays ended as it did; the others must not live on.
  if #lost > 0 then
    end_again(account, agent_key, { sids = lost, rev = rev, reason = reason, at = ended_at, events = events })
  end
end
return finish('')
