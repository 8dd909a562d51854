-- What can become of an agent, as in memory/transitions.ts. Each function is part of one step.

local function session_push(account, agent)
  return '{"type":"session","session":' .. session_view(account, agent) .. '}'
end

-- From `warned` back to `waiting`; answers the event.
local function leave_warned(account, agent)
  agent.warned_at = nil
  redis.call('ZREM', account.warned, agent.key)
  redis.call('ZADD', account.waiting, num(agent.active_at), agent.key)
  keep(account, agent)
  return {
    'session.resumed',
    string.format(
      '{"agent":%s,"lastActivityAt":%.0f,"deadlineAt":%.0f}',
      json(decode(agent.key)), agent.active_at, agent.active_at + account.timeout_ms
    ),
  }
end

-- Input or a login at `at`: never lowers. Answers raised, moved, the event of a resumption or nil.
local function raise_activity(account, agent, at)
  if at <= agent.active_at then
    return false, false, nil
  end
  agent.active_at = at
  if not agent.warned_at then
    redis.call('ZADD', account.waiting, num(at), agent.key)
    return true, false, nil
  end
  keep(account, agent)
  if warn_at(account, at) > now then
    return true, true, leave_warned(account, agent)
  end
  redis.call('ZADD', account.warned, num(ends_at(account, agent)), agent.key)
  return true, true, nil
end

local function resume(account, agent)
  local event = leave_warned(account, agent)
  agent.rev = agent.rev + 1
  emit(account, agent, { session_push(account, agent) }, { event })
end

-- Into `warned`, or anew with a whole lead.
local function warn(account, agent)
  agent.warned_at = now
  agent.rev = agent.rev + 1
  local deadline, ends = agent.active_at + account.timeout_ms, ends_at(account, agent)
  redis.call('ZREM', account.waiting, agent.key)
  redis.call('ZADD', account.warned, num(ends), agent.key)
  emit(account, agent, {
    string.format('{"type":"warning","rev":%.0f,"deadlineAt":%.0f,"endsAt":%.0f}', agent.rev, deadline, ends),
  }, {
    {
      'session.warned',
      string.format(
        '{"agent":%s,"lastActivityAt":%.0f,"deadlineAt":%.0f,"endsAt":%.0f}',
        json(decode(agent.key)), agent.active_at, deadline, ends
      ),
    },
  })
end

-- From now on the sid is refused (tombstone.lua).
local function bury(account, sid, agent_key, reason, ended_at)
  local until_at = now + RETENTION_MS + 3600000
  redis.call('HSET', account.ended, sid, cmsgpack.pack({ agent_key or false, reason, ended_at, until_at }))
  redis.call('ZADD', account.buried, num(until_at), sid)
end
