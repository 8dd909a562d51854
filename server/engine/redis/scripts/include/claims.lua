-- What tokens say: sessions begin and are renewed.

-- After a loss of the data revs go on above all that were told before.
local function new_agent(account, key)
  local epoch = tonumber(string.match(ARGV[1], '^%d+'))
  local agent = {
    key = key, rev = (epoch - 1) * 4294967296, token_at = 0, auto_assign = false, available = 0, changes_since = 0,
    changes = 0, active_at = 0, left_visible = false, logins = {}, tabs = {}, nodes = {},
  }
  account.loaded[key] = agent
  return agent
end

-- The newest token of the agent decides on name and auto-assignment; a token without a name takes none away.
local function adopt_claims(agent, login)
  if login.issued_at < agent.token_at then
    return
  end
  agent.token_at = login.issued_at
  if login.name ~= '' then
    agent.name = string.sub(login.name, 2)
  end
  agent.auto_assign = login.auto_assign
  if agent.auto_assign and agent.available == 0 then
    agent.available = 2
  end
end

local function enqueue(account, agent)
  -- Somebody signed out stood still while the clock was set back: what then lies in the future becomes now.
  agent.active_at = math.min(agent.active_at, now)
  agent.signed_out_at = nil
  agent.warned_at = nil
  redis.call('ZREM', account.departed, agent.key)
  redis.call('ZADD', account.waiting, num(agent.active_at), agent.key)
end

local function add_login(account, agent, sid, login)
  if #agent.logins == 0 then
    enqueue(account, agent)
  end
  agent.logins[#agent.logins + 1] = {
    sid = sid, started_at = math.min(login.at, now), issued_at = login.issued_at, permissions = login.permissions,
  }
  redis.call('HSET', account.sids, sid, agent.key)
  adopt_claims(agent, login)
end

local function begin_session(account, agent, sid, login)
  local login_at = math.min(login.at, now)
  add_login(account, agent, sid, login)
  local _, _, resumed = raise_activity(account, agent, login_at)
  local data = string.format('{"agent":%s,"session":%s,"loginAt":%.0f}', json(decode(agent.key)), json(decode(sid)), login_at)
  agent.rev = agent.rev + 1
  emit(account, agent, { session_push(account, agent) }, { { 'session.started', data }, resumed })
  if #agent.logins > MAX_SESSIONS then
    local oldest = sids_by_age(agent)
    end_sessions(account, agent, { oldest[1] == sid and oldest[2] or oldest[1] }, 'logout', '')
  end
  return agent
end

local function same_permissions(a, b)
  local function sorted(joined)
    local names = {}
    for name in string.gmatch(joined, '[^,]+') do
      names[#names + 1] = name
    end
    table.sort(names)
    return table.concat(names, ',')
  end
  return a == b or sorted(a) == sorted(b)
end

local function renew_session(account, agent, sid, login)
  local live, pushes = login_of(agent, sid), {}
  if login.issued_at > math.min(live.issued_at, agent.token_at) then
    keep(account, agent)
  end
  if login.issued_at >= live.issued_at then
    live.issued_at = login.issued_at
    if not same_permissions(live.permissions, login.permissions) then
      live.permissions = login.permissions
      pushes[1] = string.format(
        '{"type":"access","sid":%s,"permissions":%s}', json(decode(sid)), json_list(login.permissions)
      )
    end
  end
  local name, auto_assign, available = agent.name, agent.auto_assign, shown_available(agent)
  adopt_claims(agent, login)
  if shown_available(agent) ~= available then
    agent.rev = agent.rev + 1
    pushes[#pushes + 1] = session_push(account, agent)
  end
  if #pushes > 0 then
    emit(account, agent, pushes, {})
  elseif agent.name ~= name then
    changed(account, agent)
  elseif agent.auto_assign ~= auto_assign then
    keep(account, agent)
  end
end

-- Whether a login is from before a loss of data, and whether that is open still: until every node has said whom it knows,
-- nobody can tell; a node that was away may say it later still.
local function lost_before(login)
  local loss = redis.call('HMGET', clock, 'lostAt', 'vouchUntil')
  local is_lost = login.at < (tonumber(loss[1]) or 0)
  return is_lost, is_lost and now < (tonumber(loss[2]) or 0)
end

-- Seen again: kept for 31 more days. Written at most once an hour, however often it is tried.
local function keep_tombstone(account, sid, tombstone)
  if now + RETENTION_MS > tombstone[4] then
    bury(account, sid, tombstone[1], tombstone[2], tombstone[3])
  end
end
