-- An agent as one packed value. Who waits keeps lastActivityAt in the queue alone; the others here.

local function known_nodes(tabs)
  local nodes = {}
  for _, tab in ipairs(tabs) do
    nodes[tab.node] = true
  end
  return nodes
end

local function load_agent(account, key)
  if account.loaded[key] then
    return account.loaded[key]
  end
  local packed = redis.call('HGET', account.agents, key)
  if not packed then
    return nil
  end
  local p = cmsgpack.unpack(packed)
  local agent = {
    key = key, rev = p[1], name = p[2] or nil, token_at = p[3], auto_assign = p[4], available = p[5],
    changes_since = p[6], changes = p[7], active_at = p[8], warned_at = p[9] or nil, signed_out_at = p[10] or nil,
    hidden_at = p[11] or nil, left_at = p[12] or nil, left_visible = p[13], logins = {}, tabs = {},
  }
  for i, l in ipairs(p[14]) do
    agent.logins[i] = { sid = l[1], started_at = l[2], issued_at = l[3], permissions = l[4] }
  end
  for i, t in ipairs(p[15]) do
    agent.tabs[i] = { id = t[1], sid = agent.logins[t[2]].sid, visible = t[3], since = t[4], node = t[5] }
  end
  if #agent.logins > 0 and not agent.warned_at then
    agent.active_at = tonumber(redis.call('ZSCORE', account.waiting, key))
  end
  agent.nodes = known_nodes(agent.tabs)
  account.loaded[key] = agent
  return agent
end

local function save_agent(account, agent)
  local logins, tabs, place = {}, {}, {}
  for i, l in ipairs(agent.logins) do
    place[l.sid] = i
    logins[i] = { l.sid, l.started_at, l.issued_at, l.permissions }
  end
  for i, t in ipairs(agent.tabs) do
    tabs[i] = { t.id, place[t.sid], t.visible, t.since, t.node }
  end
  local waits = #agent.logins > 0 and not agent.warned_at
  redis.call('HSET', account.agents, agent.key, cmsgpack.pack({
    agent.rev, agent.name or false, agent.token_at, agent.auto_assign, agent.available,
    agent.changes_since, agent.changes, waits and 0 or agent.active_at, agent.warned_at or false,
    agent.signed_out_at or false, agent.hidden_at or false, agent.left_at or false, agent.left_visible, logins, tabs,
  }))
  -- Under each node the agents who have a tab there, so that a dead node's tabs are found.
  local nodes, member = known_nodes(agent.tabs), account.key .. ' ' .. agent.key
  for name in pairs(nodes) do
    if not agent.nodes[name] then
      redis.call('SADD', partition .. 'tabs:' .. name, member)
    end
  end
  for name in pairs(agent.nodes) do
    if not nodes[name] then
      redis.call('SREM', partition .. 'tabs:' .. name, member)
    end
  end
  agent.nodes = nodes
end

-- 0 takes no part and never did, 1 unavailable, 2 available.
local function shown_available(agent)
  return agent.auto_assign and agent.available or 0
end

local function visible_tabs(agent)
  local visible = 0
  for _, tab in ipairs(agent.tabs) do
    visible = visible + (tab.visible and 1 or 0)
  end
  return visible
end

local function login_of(agent, sid)
  for i, login in ipairs(agent.logins) do
    if login.sid == sid then
      return login, i
    end
  end
end

-- Live sids, oldest login first.
local function sids_by_age(agent)
  local logins, sids = {}, {}
  for i, login in ipairs(agent.logins) do
    logins[i] = login
  end
  table.sort(logins, function(a, b)
    if a.started_at ~= b.started_at then
      return a.started_at < b.started_at
    end
    return precedes(a.sid, b.sid)
  end)
  for i, login in ipairs(logins) do
    sids[i] = login.sid
  end
  return sids
end
