-- What a dead node leaves behind, and what a node has to learn.

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
