-- Nodes and their leases; what a dead one leaves behind.
local nodes_key = partition .. 'nodes'

-- Dead after 5 s without a sweep. Where nobody swept, nobody is dead. Answers whether this node had none:
-- it is new, or was taken for dead.
local function renew_lease(gap)
  local until_at = num(now + LEASE_MS)
  if gap then
    for _, name in ipairs(redis.call('ZRANGE', nodes_key, 0, -1)) do
      redis.call('ZADD', nodes_key, until_at, name)
    end
  end
  return redis.call('ZADD', nodes_key, until_at, node) == 1
end

-- Tabs of one agent that stood under a dead node leave presence.
local function close_tabs_of(name, member)
  local account_key, key = string.match(member, '^(%S+) (%S+)$')
  local account = open_account(account_key)
  local agent = load_agent(account, key)
  redis.call('SREM', partition .. 'tabs:' .. name, member)
  if not agent then
    return
  end
  close_tabs(agent, function(tab)
    return tab.node == name
  end)
  changed(account, agent)
end

local function forget_node(name)
  redis.call('ZREM', nodes_key, name)
  local outbox = partition .. 'outbox'
  local pending = redis.pcall('XPENDING', outbox, 'relay', '-', '+', 1, name)
  if not pending.err and #pending == 0 then
    redis.call('XGROUP', 'DELCONSUMER', outbox, 'relay', name)
  end
end

local function close_tabs_of_dead_nodes()
  for _, name in ipairs(redis.call('ZRANGEBYSCORE', nodes_key, '-inf', num(now), 'LIMIT', 0, 5)) do
    local filed = redis.call('SRANDMEMBER', partition .. 'tabs:' .. name, 100)
    for _, member in ipairs(filed) do
      close_tabs_of(name, member)
    end
    if #filed == 0 then
      forget_node(name)
    end
  end
end

-- Entries that a node took on more than 3 s ago and has not told everybody.
local function claim_entries()
  local claimed = redis.pcall('XAUTOCLAIM', partition .. 'outbox', 'relay', node, CLAIM_MS, '0-0', 'COUNT', 20)
  local entries = {}
  if claimed.err then
    return entries
  end
  for _, entry in ipairs(claimed[2]) do
    entries[#entries + 1] = entry[1]
    entries[#entries + 1] = entry[2][2]
  end
  return entries
end

-- Policies that were saved since the node last looked, as JSON, and the number of the newest of them.
local function policies_since(seq)
  local listed, newest = {}, seq
  local found = redis.call('ZRANGEBYSCORE', partition .. 'policies', '(' .. num(seq), '+inf', 'WITHSCORES', 'LIMIT', 0, 100)
  for i = 1, #found, 2 do
    local account = open_account(found[i])
    listed[#listed + 1] = string.format('{"account":%s,"policy":%s}', account.json, policy_json(read_policy(account)))
    newest = tonumber(found[i + 1])
  end
  return '[' .. table.concat(listed, ',') .. ']', newest
end
