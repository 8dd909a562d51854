-- The end of sessions, once and for good.

local function inactivity_of(agent)
  if #agent.tabs == 0 then
    return '"not_open"'
  end
  return visible_tabs(agent) == 0 and '"not_active_tab"' or '"no_input"'
end

-- Nobody is left: out of the queues, and unavailable unless the agent logged out.
local function depart(account, agent, reason, by_json)
  agent.signed_out_at = now
  agent.warned_at = nil
  redis.call('ZREM', account.waiting, agent.key)
  redis.call('ZREM', account.warned, agent.key)
  redis.call('ZADD', account.departed, num(now + RETENTION_MS), agent.key)
  if reason == 'logout' or shown_available(agent) ~= 2 then
    return nil
  end
  agent.available = 1
  local cause = reason == 'admin' and 'admin' or 'timeout'
  local data = string.format('{"agent":%s,"cause":"%s"%s}', json(decode(agent.key)), cause, by_json)
  return { 'agent.unavailable', data }
end

-- Ends some or all sessions of an agent. `by` is '' where nobody did it.
local function end_sessions(account, agent, sids, reason, by)
  local inactivity = reason == 'timeout' and inactivity_of(agent) or 'null'
  local by_json = by ~= '' and ',"by":' .. json(by) or ''
  local names = {}
  for i, sid in ipairs(sids) do
    bury(account, sid, agent.key, reason, now)
    local _, place = login_of(agent, sid)
    table.remove(agent.logins, place)
    redis.call('HDEL', account.sids, sid)
    names[i] = json(decode(sid))
  end
  close_tabs(agent, function(tab)
    return not login_of(agent, tab.sid)
  end)
  local listed = '[' .. table.concat(names, ',') .. ']'
  local drafts = {
    {
      'session.ended',
      string.format(
        '{"agent":%s,"sessions":%s,"reason":"%s","inactivity":%s,"lastActivityAt":%.0f%s}',
        json(decode(agent.key)), listed, reason, inactivity, agent.active_at, by_json
      ),
    },
  }
  if #agent.logins == 0 then
    drafts[2] = depart(account, agent, reason, by_json)
  end
  agent.rev = agent.rev + 1
  emit(account, agent, {
    string.format('{"type":"ended","rev":%.0f,"sids":%s,"reason":"%s","endedAt":%.0f}', agent.rev, listed, reason, now),
  }, drafts)
end
