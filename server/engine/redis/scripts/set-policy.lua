-- Saves the policy of an account, in force for its live sessions at once.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded), 7 timeout in seconds, 8 and 9 '1' where agents and requesters may be
--       remembered, else '0', 10 by whom, 11 the version that it must still have, or ''
-- Returns: { ok, policy } as JSON, the next due moment, outbox id, emissions
-- Races: of two who save upon the same version one does. Saving what holds changes nothing.
-- include: text, time, account, agent, view, emit, finish, policy
local account = open_account(ARGV[6])
account.moved = true
local before = read_policy(account)
if ARGV[11] ~= '' and tonumber(ARGV[11]) ~= before.version then
  return finish('{"ok":false,"policy":' .. policy_json(before) .. '}')
end
local policy = {
  timeout = tonumber(ARGV[7]), remember_agent = ARGV[8] == '1', remember_requester = ARGV[9] == '1',
  version = before.version + 1, updated_at = now, updated_by = ARGV[10],
}
if settings_fields(policy) == settings_fields(before) then
  return finish('{"ok":true,"policy":' .. policy_json(before) .. '}')
end
store_policy(account, policy)
emit(account, nil, { '{"type":"policy","policy":' .. policy_json(policy) .. '}' }, {
  {
    'policy.changed',
    string.format('{"by":%s,"before":{%s},"after":{%s}}', json(ARGV[10]), settings_fields(before), settings_fields(policy)),
  },
})
return finish('{"ok":true,"policy":' .. policy_json(policy) .. '}')
