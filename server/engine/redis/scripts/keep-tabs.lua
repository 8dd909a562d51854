-- Closes the tabs of this node that it does not know: their opening went through, and the node never heard of it.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 only what was opened before, then for each agent: account, agent (encoded), how many
--       tabs of theirs the node knows, and these. At most 100 agents.
-- Returns: '', no due moment, no outbox id, no emissions
-- Races: a tab whose opening is under way was opened later than that.
-- include: text, time, account, agent, view, emit, finish, tabs
local before, i = tonumber(ARGV[6]), 7
while i <= #ARGV do
  local account, key, count = open_account(ARGV[i]), ARGV[i + 1], tonumber(ARGV[i + 2])
  local known = {}
  for place = i + 3, i + 2 + count do
    known[ARGV[place]] = true
  end
  local agent = load_agent(account, key)
  if agent then
    local open = #agent.tabs
    close_tabs(agent, function(tab)
      return tab.node == node and tab.since < before and not known[tab.id]
    end)
    if #agent.tabs < open then
      changed(account, agent)
    end
  end
  i = i + 3 + count
end
return finish('')
