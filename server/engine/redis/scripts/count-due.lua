-- Whom a timeout would sign out, if nobody did anything from now on.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded), 7 that timeout in seconds
-- Returns: live agents, those due for a warning now, those who would have ended within the hour
-- Races: none.
-- include: text, time, account, agent
local account = open_account(ARGV[6])
local timeout_ms = math.max(tonumber(ARGV[7]) * 1000, min_timeout_ms)
local due_now = now - timeout_ms + lead_ms
local due_soon = now + 3600000 - timeout_ms
local warned = redis.call('ZRANGE', account.warned, 0, -1)
local agents = redis.call('ZCARD', account.waiting) + #warned
local now_count = redis.call('ZCOUNT', account.waiting, '-inf', num(due_now))
local soon_count = redis.call('ZCOUNT', account.waiting, '-inf', num(due_soon))
for _, key in ipairs(warned) do
  local at = load_agent(account, key).active_at
  now_count = now_count + (at <= due_now and 1 or 0)
  soon_count = soon_count + (at <= due_soon and 1 or 0)
end
return { agents, now_count, soon_count }
