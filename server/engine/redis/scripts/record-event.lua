-- Writes an audit entry that comes with no transition.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded), 7 type, 8 type and data as the inside of a JSON object
-- Returns: '', the next due moment, outbox id, emissions
-- Races: none. Repeated, it is written again.
-- include: text, time, account, agent, view, emit, finish
local account = open_account(ARGV[6])
account.moved = true
local event = log(account, ARGV[7], ARGV[8])
emissions[1] = string.format('{"account":%s,"agent":null,"pushes":[],"events":[%s]}', account.json, event)
return finish('')
