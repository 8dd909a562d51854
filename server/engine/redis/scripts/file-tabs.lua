-- A node that was taken for dead, or that met a loss, files its open tabs again.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each: account, agent, sid (encoded), tab, 's' shown, 'h' hidden, 'o' has not
--       said yet, since when. At most 100.
-- Returns: '', no due moment, no outbox id, no emissions
-- Races: tabs of a sid that is not alive are left out.
-- include: text, time, account, agent, view, emit, finish, tabs
for i = 6, #ARGV, 6 do
  local account, key, sid = open_account(ARGV[i]), ARGV[i + 1], ARGV[i + 2]
  if redis.call('HGET', account.sids, sid) == key then
    local agent = load_agent(account, key)
    local since = math.min(tonumber(ARGV[i + 5]), now)
    if not tab_of(agent, ARGV[i + 3]) then
      open_tab(agent, ARGV[i + 3], sid)
    end
    local tab = tab_of(agent, ARGV[i + 3])
    tab.node, tab.since = node, since
    if ARGV[i + 4] ~= 'o' then
      show_tab(agent, tab, ARGV[i + 4] == 's', since)
    end
    changed(account, agent)
  end
end
return finish('')
