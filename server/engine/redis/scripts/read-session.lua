-- Who a sid belongs to, alive or ended.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account, 7 sid (encoded)
-- Returns: a SessionStatus as JSON, 'null' where unknown
-- Races: none.
-- include: text, time, account, agent, tombstone
local account, sid = open_account(ARGV[6]), ARGV[7]
local owner = redis.call('HGET', account.sids, sid)
if owner then
  local login = login_of(load_agent(account, owner), sid)
  return string.format('{"agent":%s,"live":true,"startedAt":%.0f}', json(decode(owner)), login.started_at)
end
local tombstone = tombstone_of(account, sid)
if not tombstone then
  return 'null'
end
return string.format(
  '{"agent":%s,"live":false,"state":"ended","reason":"%s","endedAt":%.0f}',
  tombstone[1] and json(decode(tombstone[1])) or 'null', tombstone[2], tombstone[3]
)
