-- What is known of each of some agents, as far as they are live.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account, then agents (encoded). At most 500.
-- Returns: a JSON list, for each an AgentRecord, or null where it is not live
-- Races: none.
-- include: text, time, account, agent, view
local account, records = open_account(ARGV[6]), {}
for i = 7, #ARGV do
  local agent = load_agent(account, ARGV[i])
  records[#records + 1] = agent and #agent.logins > 0 and '{' .. record_fields(account, agent) .. '}' or 'null'
end
return '[' .. table.concat(records, ',') .. ']'
