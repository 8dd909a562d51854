-- Does what is due in a partition, a bounded batch, and keeps the node's lease.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 the newest policy that the node knows, 7 transitions at most, 8 in one account,
--       9 '1' to look which server this is, else ''
-- Returns: engine time, how often the clock was set back, the server's name where it was looked for and else '', the next due
--          moment, '1' if work is left and else '', '1' if the node had no lease and else '', number of the newest policy
--          listed, new policies as JSON, outbox entries of other nodes to be told (id, content, …), own outbox id, own
--          emissions
-- Races: nodes that sweep at the same time take turns; each transition happens in one script, so once.
-- include: text, time, gap, lease, server

-- Most of the time nothing is to be done: answered ahead of everything that only the others need.
even_when_full()
local gap, backs = notice_gap()
local server = ARGV[9] == '1' and notice_server() or ''
local lease_is_new = renew_lease(gap.noticed)
local entries = claim_entries()
local due_key = partition .. 'due'
local first_due = tonumber(redis.call('ZRANGE', due_key, 0, 0, 'WITHSCORES')[2])
local last_policy = tonumber(redis.call('ZRANGE', partition .. 'policies', -1, -1, 'WITHSCORES')[2]) or 0
local nothing_due = not first_due or first_due > now
if nothing_due and last_policy <= tonumber(ARGV[6]) and redis.call('ZCOUNT', nodes_key, '-inf', num(now)) == 0 then
  keep_time()
  return {
    num(now), backs, server, first_due and num(first_due) or '', '', lease_is_new and '1' or '', ARGV[6], '[]', entries, '', '',
  }
end

-- Nobody is ended on a server that has not been looked at.
server = server == '' and notice_server() or server

-- then include: account, agent, view, emit, finish, transitions, tabs, ending, policy, nodes, sweep
local left = tonumber(ARGV[7])
local due = redis.call('ZRANGEBYSCORE', due_key, '-inf', num(now), 'LIMIT', 0, 20)
for _, key in ipairs(due) do
  if left <= 0 then
    break
  end
  local account = open_account(key)
  local batch = math.min(left, tonumber(ARGV[8]))
  local done = sweep_account(account, gap, batch)
  left = left - done
  store(account)
  -- After a batch that left work: behind those who have waited longer.
  if track(account) <= now and done == batch then
    redis.call('ZADD', due_key, num(now), key)
  end
end
local policies, policy_seq = policies_since(tonumber(ARGV[6]))
close_tabs_of_dead_nodes()
local ending = finish('')
local next_due = head(due_key)
return {
  num(now), backs, server, next_due == math.huge and '' or num(next_due), next_due <= now and '1' or '',
  lease_is_new and '1' or '', num(policy_seq), policies, entries, ending[3], ending[4],
}
