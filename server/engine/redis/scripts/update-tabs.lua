-- Tabs that were shown, hidden or closed. Unknown ones are ignored.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each change: account, agent (encoded), tab, 's' shown, 'h' hidden or 'c' closed,
--       since when. At most 500.
-- Returns: '', no due moment, no outbox id, no emissions
-- Races: a tab that another node has taken for dead is unknown until its node files it again.
-- include: text, time, account, agent, view, emit, finish, tabs
even_when_full()
for i = 6, #ARGV, 5 do
  local account = open_account(ARGV[i])
  local agent = load_agent(account, ARGV[i + 1])
  if agent then
    local tab, place = tab_of(agent, ARGV[i + 2])
    if tab then
      if ARGV[i + 3] == 'c' then
        close_tab(agent, place)
      else
        show_tab(agent, tab, ARGV[i + 3] == 's', math.min(tonumber(ARGV[i + 4]), now))
      end
      changed(account, agent)
    end
  end
end
return finish('')
