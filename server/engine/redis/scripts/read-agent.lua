-- One agent, live or signed out not long ago.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account, 7 agent (encoded)
-- Returns: an AgentDetail as JSON, 'null' where unknown
-- Races: none.
-- include: text, time, account, agent, view
local account = open_account(ARGV[6])
local agent = load_agent(account, ARGV[7])
if not agent then
  return 'null'
end
local logins = {}
for i, sid in ipairs(sids_by_age(agent)) do
  local tabs = {}
  for _, tab in ipairs(agent.tabs) do
    if tab.sid == sid then
      tabs[#tabs + 1] = string.format('{"visible":%s,"since":%.0f}', tostring(tab.visible), tab.since)
    end
  end
  logins[i] = string.format(
    '{"sid":%s,"startedAt":%.0f,"tabs":[%s]}',
    json(decode(sid)), login_of(agent, sid).started_at, table.concat(tabs, ',')
  )
end
return '{' .. record_fields(account, agent) .. ',"logins":[' .. table.concat(logins, ',') .. ']}'
