-- An account: its keys (all in the partition's slot), its policy, its event counter, its feed.

local opened, opened_by_key = {}, {}

local function open_account(key)
  if opened_by_key[key] then
    return opened_by_key[key]
  end
  local at = partition .. key .. ':'
  local state = redis.call('HMGET', at .. 'state', 'timeout', 'eventMs', 'eventSeq', 'feedSeq', 'watchedUntil', 'gap')
  local account = {
    key = key,
    json = json(decode(key)),
    state = at .. 'state',
    agents = at .. 'agents',
    sids = at .. 'sids',
    ended = at .. 'ended',
    waiting = at .. 'waiting',
    warned = at .. 'warned',
    departed = at .. 'departed',
    buried = at .. 'buried',
    changed = at .. 'changed',
    kept = at .. 'kept',
    common = at .. 'common',
    delivery = at .. 'delivery',
    letters = at .. 'letters',
    resending = at .. 'resending',
    timeout_ms = math.max((tonumber(state[1]) or DEFAULT_TIMEOUT_SECONDS) * 1000, min_timeout_ms),
    event_ms = tonumber(state[2]) or 0,
    event_seq = tonumber(state[3]) or 0,
    feed_seq = tonumber(state[4]) or 0,
    watched_until = tonumber(state[5]),
    gap_seen = state[6],
    loaded = {},
    dirty = {},
    moved = false,
    counted = false,
  }
  opened[#opened + 1] = account
  opened_by_key[key] = account
  return account
end

-- Whether somebody asked lately who changed. Further ahead than that, the clock was set back since.
local function is_watched(account)
  local left = account.watched_until and account.watched_until - now
  return left ~= nil and left >= 0 and left <= WATCHED_MS
end

-- Forgets who changed: whoever asks next gets everybody.
local function reset_feed(account)
  redis.call('HDEL', account.state, 'feed', 'feedSeq', 'watchedUntil')
  redis.call('DEL', account.changed)
  account.watched_until = nil
end

-- These agents changed; remembered only while somebody asks.
local function mark_all(account, keys)
  if not account.watched_until or #keys == 0 then
    return
  end
  if not is_watched(account) then
    reset_feed(account)
    return
  end
  local line = {}
  for i, key in ipairs(keys) do
    line[2 * i - 1] = account.feed_seq + i
    line[2 * i] = key
  end
  account.feed_seq = account.feed_seq + #keys
  account.counted = true
  redis.call('ZADD', account.changed, unpack(line))
end

local function mark(account, key)
  mark_all(account, { key })
end
