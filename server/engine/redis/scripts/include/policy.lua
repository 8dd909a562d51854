-- The policy of an account, as stored: in force is the larger of it and the minimum.

local function read_policy(account)
  local p = redis.call('HMGET', account.state, 'timeout', 'rememberAgent', 'rememberRequester', 'version', 'updatedAt', 'updatedBy')
  return {
    timeout = tonumber(p[1]) or DEFAULT_TIMEOUT_SECONDS,
    remember_agent = p[2] and p[2] == '1' or not p[2] and DEFAULT_REMEMBER_AGENT,
    remember_requester = p[3] and p[3] == '1' or not p[3] and DEFAULT_REMEMBER_REQUESTER,
    version = tonumber(p[4]) or 0,
    updated_at = tonumber(p[5]),
    updated_by = p[6] or nil,
  }
end

local function settings_fields(policy)
  return string.format(
    '"timeoutSeconds":%.0f,"rememberMe":{"agent":%s,"requester":%s}',
    policy.timeout, tostring(policy.remember_agent), tostring(policy.remember_requester)
  )
end

local function policy_json(policy)
  return string.format(
    '{%s,"version":%.0f,"updatedAt":%s,"updatedBy":%s}',
    settings_fields(policy), policy.version, or_null(policy.updated_at), policy.updated_by and json(policy.updated_by) or 'null'
  )
end

-- Stored, and numbered, so that every node comes to know it with its next sweep.
local function store_policy(account, policy)
  redis.call(
    'HSET', account.state, 'timeout', num(policy.timeout), 'rememberAgent', policy.remember_agent and '1' or '0',
    'rememberRequester', policy.remember_requester and '1' or '0', 'version', num(policy.version),
    'updatedAt', num(policy.updated_at), 'updatedBy', policy.updated_by
  )
  account.timeout_ms = math.max(policy.timeout * 1000, min_timeout_ms)
  redis.call('ZADD', partition .. 'policies', redis.call('HINCRBY', clock, 'policySeq', 1), account.key)
  -- `waiting` is ordered by activity and needs nothing; the few who are warned are judged anew by the next sweep.
  redis.call('ZUNIONSTORE', account.warned, 1, account.warned, 'WEIGHTS', 0)
  reset_feed(account)
end
