-- What is said of an agent, as JSON.

local AVAILABLE = { [0] = 'null', 'false', 'true' }

local function or_null(n)
  return n and num(n) or 'null'
end

local function ends_at(account, agent)
  local deadline = agent.active_at + account.timeout_ms
  return agent.warned_at and math.max(deadline, agent.warned_at + lead_ms) or deadline
end

local function warn_at(account, at)
  return at + account.timeout_ms - lead_ms
end

local function session_view(account, agent)
  return string.format(
    '{"rev":%.0f,"state":"%s","lastActivityAt":%.0f,"deadlineAt":%.0f,"endsAt":%.0f,"warnAt":%.0f,'
      .. '"timeoutMs":%.0f,"leadMs":%.0f,"available":%s}',
    agent.rev, agent.warned_at and 'warning' or 'active', agent.active_at, agent.active_at + account.timeout_ms,
    ends_at(account, agent), warn_at(account, agent.active_at), account.timeout_ms, lead_ms,
    AVAILABLE[shown_available(agent)]
  )
end

-- How a session ended, from its tombstone (transitions.lua).
local function end_view(tombstone)
  return string.format('{"state":"ended","reason":"%s","endedAt":%.0f}', tombstone[2], tombstone[3])
end

-- The fields of an AgentRecord, without the braces.
local function record_fields(account, agent)
  return string.format(
    '"id":%s,"name":%s,"rev":%.0f,"sessions":%d,"signedOutAt":%s,"lastActivityAt":%.0f,"warnedAt":%s,'
      .. '"deadlineAt":%.0f,"endsAt":%.0f,"available":%s,"tabs":%d,"visibleTabs":%d,"hiddenAt":%s,"leftAt":%s,'
      .. '"leftVisible":%s',
    json(decode(agent.key)), agent.name and json(agent.name) or 'null', agent.rev, #agent.logins,
    or_null(agent.signed_out_at), agent.active_at, or_null(agent.warned_at), agent.active_at + account.timeout_ms,
    ends_at(account, agent), AVAILABLE[shown_available(agent)], #agent.tabs, visible_tabs(agent),
    or_null(agent.hidden_at), or_null(agent.left_at), tostring(agent.left_visible)
  )
end
