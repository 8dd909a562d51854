-- Input of one account in which somebody is warned, a sid is not alive, a moment lies ahead, or somebody watches.

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
local function mark_raised(account, line)
  local keys = {}
  for i = 2, #line, 2 do
    keys[i / 2] = line[i]
  end
  local before, raised = redis.call('ZMSCORE', account.waiting, unpack(keys)), {}
  for i, key in ipairs(keys) do
    local score = tonumber(before[i])
    if score and tonumber(line[2 * i - 1]) > score then
      raised[#raised + 1] = key
    end
  end
  mark_all(account, raised)
end

local function touch_each(account, first, count)
  local last, line = first + 2 * count - 1, {}
  local owners = redis.call('HMGET', account.sids, unpack(ARGV, last + 1, last + count))
  local keys = {}
  for i = 1, count do
    keys[i] = ARGV[first + 2 * i - 1]
  end
  local warned = redis.call('ZMSCORE', account.warned, unpack(keys))
  for i, key in ipairs(keys) do
    if owners[i] == key then
      local at = math.min(tonumber(ARGV[first + 2 * i - 2]), now)
      if account.loaded[key] or warned[i] then
        touch_warned(account, key, at)
      else
        line[#line + 1] = num(at)
        line[#line + 1] = key
      end
    end
  end
  if #line == 0 then
    return
  end
  if account.watched_until then
    mark_raised(account, line)
  end
  redis.call('ZADD', account.waiting, 'XX', 'GT', unpack(line))
end
