-- Input of one account. Whoever merely waits is one line of a ZADD; only the warned are loaded.

local function touch_warned(account, key, at)
  local agent = load_agent(account, key)
  local raised, moved, resumed = raise_activity(account, agent, at)
  if not raised then
    return
  end
  mark(account, key)
  if moved then
    agent.rev = agent.rev + 1
    account.moved = true
    emit(account, agent, { session_push(account, agent) }, { resumed })
  end
end

-- Those who waited and were raised, for whoever watches.
local function mark_raised(account, keys, line)
  local before = redis.call('ZMSCORE', account.waiting, unpack(keys))
  for i, key in ipairs(keys) do
    local score = tonumber(before[i])
    if score and tonumber(line[2 * i - 1]) > score then
      mark(account, key)
    end
  end
end

local function touch_account(account, first, count)
  local sids = {}
  for i = 1, count do
    sids[i] = ARGV[first + 3 * i - 2]
  end
  local owners = redis.call('HMGET', account.sids, unpack(sids))
  local someone_warned = redis.call('EXISTS', account.warned) == 1
  local keys, line = {}, {}
  for i = 1, count do
    local key, at = ARGV[first + 3 * i - 3], math.min(tonumber(ARGV[first + 3 * i - 1]), now)
    if owners[i] == key then
      if someone_warned and (account.loaded[key] or redis.call('ZSCORE', account.warned, key)) then
        touch_warned(account, key, at)
      else
        keys[#keys + 1] = key
        line[#line + 1] = num(at)
        line[#line + 1] = key
      end
    end
  end
  if #keys > 0 then
    if account.watched_until then
      mark_raised(account, keys, line)
    end
    redis.call('ZADD', account.waiting, 'XX', 'GT', unpack(line))
  end
end
