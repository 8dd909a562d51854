-- The memory of a sid that never lives again: { agent or false, reason, when it ended, kept until }.

local function tombstone_of(account, sid)
  local packed = redis.call('HGET', account.ended, sid)
  return packed and cmsgpack.unpack(packed)
end
