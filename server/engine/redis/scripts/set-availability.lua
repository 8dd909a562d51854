-- Sets an agent available or unavailable, also one who is signed out; at most so many changes a minute.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account, 7 agent (encoded), 8 '2' available or '1' unavailable, 9 cause, 10 by whom
-- Returns: an AvailabilityResult as JSON, the next due moment, outbox id, emissions
-- Races: where it already is so nothing is written.
-- include: text, time, account, agent, view, emit, finish, transitions
local account = open_account(ARGV[6])
local agent = load_agent(account, ARGV[7])
if not agent then
  return { '{"ok":false,"code":"not_found"}', '', '', '' }
end
account.moved = true
even_when_full()
local available = tonumber(ARGV[8])
if shown_available(agent) == 0 then
  return finish('{"ok":false,"code":"not_participating"}')
end
local answer = '{"ok":true,"available":' .. AVAILABLE[available] .. '}'
if agent.available == available then
  return finish(answer)
end
-- A window of a minute, counted from its first change.
local fresh = now - agent.changes_since >= 60000 or now < agent.changes_since
if not fresh and agent.changes >= AVAILABILITY_CHANGES_PER_MINUTE then
  return finish('{"ok":false,"code":"rate_limited"}')
end
agent.changes_since = fresh and now or agent.changes_since
agent.changes = fresh and 1 or agent.changes + 1
agent.available = available
agent.rev = agent.rev + 1
local data = string.format('{"agent":%s,"cause":"%s","by":%s}', json(decode(agent.key)), ARGV[9], json(ARGV[10]))
local pushes = #agent.logins > 0 and { session_push(account, agent) } or {}
emit(account, agent, pushes, { { available == 2 and 'agent.available' or 'agent.unavailable', data } })
return finish(answer)
