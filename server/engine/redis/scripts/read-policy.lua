-- The policy of an account, the default where none was ever saved.
-- KEYS: 1 the partition's clock
-- ARGV: 1-5 see include/time.lua; 6 account (encoded)
-- Returns: a Policy as JSON
-- Races: none.
-- include: text, time, account, view, policy
return policy_json(read_policy(open_account(ARGV[6])))
