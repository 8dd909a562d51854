-- After a loss: puts back the newest policies that a node knows.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each: account (encoded), timeout in seconds, '1' or '0' for agents and for
--       requesters, version, when and by whom. At most 100.
-- Returns: '', the next due moment, no outbox id, no emissions
-- Races: the newest version wins, whoever brings it, in whatever order.
-- include: text, time, account, agent, view, emit, finish, policy
for i = 6, #ARGV, 7 do
  local account, version = open_account(ARGV[i]), tonumber(ARGV[i + 4])
  if version > read_policy(account).version then
    account.moved = true
    store_policy(account, {
      timeout = tonumber(ARGV[i + 1]), remember_agent = ARGV[i + 2] == '1', remember_requester = ARGV[i + 3] == '1',
      version = version, updated_at = tonumber(ARGV[i + 5]), updated_by = ARGV[i + 6],
    })
  end
end
return finish('')
