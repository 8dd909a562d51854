-- After a loss, the sessions of a node's open tabs go on, with what the node knows of them; after a failover, those that had
-- just begun.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; then for each login: account, agent, sid (encoded), loginAt, issuedAt, 'n' and the name
--       or '', permissions joined by commas, '1' in auto-assignment, else '0', availability as it was last seen (1 or 2,
--       0 unknown), lastActivityAt, '1' if a tab of it is open here, else '0': then it does not go on, and its input counts for the agent. At most 100.
-- Returns: '', the next due moment, outbox id, emissions of who resumed
-- Races: what ended since the loss stays ended; of what several nodes know the latest activity counts.
-- include: text, time, account, agent, view, tombstone, emit, finish, transitions, tabs, ending, claims
local typed_key = partition .. 'typed'

-- What an agent typed in tabs that have closed, for whoever vouches for another login of theirs: a node that was cut off may
-- do so much later.
local function keep_typed(name, at)
  redis.call('HSET', typed_key, name, num(at))
  redis.call('PEXPIRE', typed_key, 3600000)
end

local function raise(account, agent, at)
  local _, moved, resumed = raise_activity(account, agent, at)
  account.moved = true
  if moved then
    -- Another node knew of less, and by that they were warned meanwhile.
    agent.rev = agent.rev + 1
    emit(account, agent, { session_push(account, agent) }, { resumed })
  else
    changed(account, agent)
  end
end

for i = 6, #ARGV, 11 do
  local account, key, sid = open_account(ARGV[i]), ARGV[i + 1], ARGV[i + 2]
  local owner, name = redis.call('HGET', account.sids, sid), ARGV[i] .. ' ' .. key
  local typed_at = math.max(tonumber(ARGV[i + 9]), tonumber(redis.call('HGET', typed_key, name)) or 0)
  local at = math.min(typed_at, now)
  if tombstone_of(account, sid) or (owner and owner ~= key) then
    -- Nothing of it counts.
  elseif not owner and ARGV[i + 10] ~= '1' then
    local agent = load_agent(account, key)
    if agent and #agent.logins > 0 then
      raise(account, agent, at)
    else
      keep_typed(name, at)
    end
  else
    local agent = load_agent(account, key) or new_agent(account, key)
    if agent.available == 0 then
      agent.available = tonumber(ARGV[i + 8])
    end
    if not owner then
      add_login(account, agent, sid, {
        at = tonumber(ARGV[i + 3]), issued_at = tonumber(ARGV[i + 4]), name = ARGV[i + 5], permissions = ARGV[i + 6],
        auto_assign = ARGV[i + 7] == '1',
      })
    end
    raise(account, agent, at)
  end
end
return finish('')
