-- Ends all sessions of an agent with reason `admin`.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account, 7 agent (encoded), 8 by whom
-- Returns: '1', or '0' where there is no such agent; the next due moment, outbox id, emissions
-- Races: sessions end once, whoever ends them.
-- include: text, time, account, agent, view, emit, finish, transitions, tabs, ending
local account = open_account(ARGV[6])
local agent = load_agent(account, ARGV[7])
if not agent then
  return { '0', '', '', '' }
end
account.moved = true
even_when_full()
local sids = sids_by_age(agent)
if #sids > 0 then
  end_sessions(account, agent, sids, 'admin', ARGV[8])
end
return finish('1')
