-- Ends one login with reason `logout`; an unknown sid is refused from then on, too.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account, 7 sid (encoded), 8 by whom, or ''
-- Returns: '1', or '0' if it had already ended; the next due moment, outbox id, emissions
-- Races: of two who end it one does.
-- include: text, time, account, agent, view, emit, finish, transitions, tabs, ending
local account = open_account(ARGV[6])
local sid = ARGV[7]
account.moved = true
even_when_full()
if redis.call('HEXISTS', account.ended, sid) == 1 then
  return finish('0')
end
local owner = redis.call('HGET', account.sids, sid)
if owner then
  end_sessions(account, load_agent(account, owner), { sid }, 'logout', ARGV[8])
else
  bury(account, sid, nil, 'logout', now)
end
return finish('1')
