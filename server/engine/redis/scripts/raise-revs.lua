-- A node met a Redis that may have lost the last moments (a failover): tabs were told of transitions that are gone. What
-- becomes of these agents now has to be newer than those, or tabs would drop it for being old.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each: account, agent (encoded), the newest rev that was told, availability as it was
--       told last (1 or 2, 0 unknown), and with which rev, what was told with the newest (1 active, 2 warned, 3 both, 0 unknown).
--       At most 100.
-- Returns: '', the next due moment, outbox id, emissions
-- Races: nodes do this before anything else in the partition; whose revs are newer already are left as they are.
-- include: text, time, account, agent, view, tombstone, emit, finish, transitions, tabs, ending, claims
even_when_full()
for i = 6, #ARGV, 6 do
  local account, key, rev = open_account(ARGV[i]), ARGV[i + 1], tonumber(ARGV[i + 2])
  local agent = load_agent(account, key)
  if not agent then
    -- Not even its first login is left: it is known as one who is signed out.
    agent = new_agent(account, key)
    agent.signed_out_at = now
    redis.call('ZADD', account.departed, num(now + RETENTION_MS), key)
    account.moved = true
  end
  -- Of one rev there is one availability: where it differs, what was told later is gone.
  local available, told_with = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
  local is_gone = agent.available ~= 0 and available ~= 0 and available ~= agent.available and agent.rev <= told_with
  if is_gone then
    agent.available = available
  end
  -- And one state: another server has given this rev out for something else.
  local shown = tonumber(ARGV[i + 5])
  local clashes = agent.rev == rev and shown ~= 0 and shown ~= (agent.warned_at and 2 or 1) and #agent.logins > 0
  if is_gone or clashes or agent.rev < rev then
    agent.rev = math.max(agent.rev, rev) + 1
    emit(account, agent, #agent.logins > 0 and { session_push(account, agent) } or {}, {})
  end
end
return finish('')
