-- What `session` says of each of many logins; for an ended one its end.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each login: account, agent, sid (encoded). At most 500.
-- Returns: for each a session or its end as JSON, 'null' where unknown, as one JSON list
-- Races: none.
-- include: text, time, account, agent, view, tombstone
local answers = {}
for i = 6, #ARGV, 3 do
  local account, agent_key, sid = open_account(ARGV[i]), ARGV[i + 1], ARGV[i + 2]
  local answer = 'null'
  if redis.call('HGET', account.sids, sid) == agent_key then
    answer = session_view(account, load_agent(account, agent_key))
  else
    local tombstone = tombstone_of(account, sid)
    if tombstone and (not tombstone[1] or tombstone[1] == agent_key) then
      answer = end_view(tombstone)
    end
  end
  answers[#answers + 1] = answer
end
return '[' .. table.concat(answers, ',') .. ']'
