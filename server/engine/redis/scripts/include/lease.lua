-- Nodes and their leases, and what a node has taken on to tell.
local nodes_key = partition .. 'nodes'

-- Dead after 5 s without a sweep. Where nobody swept, nobody is dead. Answers whether this node had none:
-- it is new, or was taken for dead.
local function renew_lease(gap)
  local until_at = num(now + LEASE_MS)
  if gap then
    for _, name in ipairs(redis.call('ZRANGE', nodes_key, 0, -1)) do
      redis.call('ZADD', nodes_key, until_at, name)
    end
  end
  return redis.call('ZADD', nodes_key, until_at, node) == 1
end

-- Entries that a node took on more than 3 s ago and has not told everybody.
local function claim_entries()
  local claimed = redis.pcall('XAUTOCLAIM', partition .. 'outbox', 'relay', node, CLAIM_MS, '0-0', 'COUNT', 20)
  local entries = {}
  if claimed.err then
    return entries
  end
  for _, entry in ipairs(claimed[2]) do
    entries[#entries + 1] = entry[1]
    entries[#entries + 1] = entry[2][2]
  end
  return entries
end
