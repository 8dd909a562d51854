-- A verified token was presented: begins the session of a sid seen for the first time, renews a known one.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account, 7 agent, 8 sid (encoded), 9 loginAt, 10 issuedAt, 11 'n' and the name, or '',
--       12 permissions joined by commas, 13 '1' in auto-assignment, else '0', 14 the tab that it opens, or ''
-- Returns: an Admission as JSON, the next due moment, outbox id, emissions
-- Races: of two who present the same sid one begins it, the other finds it known. Repeating it changes nothing. A sid that
--        ends at the same moment has ended before (it is refused) or after (its end is told to its tabs).
-- include: text, time, account, agent, view, tombstone, emit, finish, transitions, tabs, ending, claims
local account = open_account(ARGV[6])
local agent_key, sid = ARGV[7], ARGV[8]
local login = {
  at = tonumber(ARGV[9]), issued_at = tonumber(ARGV[10]), name = ARGV[11], permissions = ARGV[12], auto_assign = ARGV[13] == '1',
}
account.moved = true

local function ended(reason)
  return finish(string.format('{"ok":false,"code":"session_ended","reason":"%s"}', reason))
end

local owner, tombstone = redis.call('HGET', account.sids, sid), tombstone_of(account, sid)
-- Else the write that follows comes first: a full Redis takes no new session.
if owner or tombstone then
  even_when_full()
end
keep_time()
if tombstone then
  if tombstone[1] and tombstone[1] ~= agent_key then
    return finish('{"ok":false,"code":"token_invalid"}')
  end
  keep_tombstone(account, sid, tombstone)
  return ended(tombstone[2])
end
if owner and owner ~= agent_key then
  return finish('{"ok":false,"code":"token_invalid"}')
end
local agent = load_agent(account, agent_key)
if owner then
  renew_session(account, agent, sid, login)
else
  local is_lost, is_open = lost_before(login)
  if is_open then
    return redis.error_reply('RECOVERING what was lost')
  end
  if is_lost then
    return ended('lost')
  end
  if login.at + account.timeout_ms <= now then
    bury(account, sid, agent_key, 'timeout', now)
    return ended('timeout')
  end
  agent = begin_session(account, agent or new_agent(account, agent_key), sid, login)
end
if ARGV[14] ~= '' then
  open_tab(agent, ARGV[14], sid)
  changed(account, agent)
end
return finish(string.format(
  '{"ok":true,"session":%s,"permissions":%s}',
  session_view(account, agent), json_list(login_of(agent, sid).permissions)
))
