-- A tab opened, not visible yet; filed under this node.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account, 7 agent, 8 sid (encoded), 9 tab
-- Returns: the session or its end as JSON, no due moment, no outbox id, no emissions
-- Races: a sid that ends at the same moment has ended before (the tab is told so) or after (the end is told to its sid).
-- include: text, time, account, agent, view, tombstone, emit, finish, tabs
local account = open_account(ARGV[6])
local agent_key, sid = ARGV[7], ARGV[8]
even_when_full()
if redis.call('HGET', account.sids, sid) ~= agent_key then
  local tombstone = tombstone_of(account, sid)
  local hers = tombstone and (not tombstone[1] or tombstone[1] == agent_key)
  if not hers and now < (tonumber(redis.call('HGET', clock, 'vouchUntil')) or 0) then
    return redis.error_reply('RECOVERING what was lost')
  end
  return finish(end_view(hers and tombstone or { nil, 'lost', now }))
end
local agent = load_agent(account, agent_key)
open_tab(agent, ARGV[9], sid)
changed(account, agent)
return finish(session_view(account, agent))
