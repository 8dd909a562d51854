-- A node meets a partition's data: are they those that it knows? Empty or older ones were lost and begin a new epoch.
-- KEYS: 1 the partition's clock
-- ARGV: 1 the epoch that the node knows ('' at its start), 2 what tells a new epoch from others of its number,
--       3 when the node last heard from the data, 4 the time (tests only, else '')
-- Returns: the epoch that holds from now on ('number-name')
-- Races: of nodes that meet the same loss one begins the epoch; the others find it, and date the loss no earlier than
--        they last saw the data whole.
local clock = KEYS[1]
local found, known = redis.call('HGET', clock, 'epoch'), ARGV[1]

local function number_of(epoch)
  return epoch and tonumber(string.match(epoch, '^%d+')) or 0
end

if found and found == known then
  return found
end
local epoch = found
if number_of(found) <= number_of(known) then
  epoch = string.format('%.0f-%s', number_of(known) + 1, ARGV[2])
  redis.call('HSET', clock, 'epoch', epoch)
end
if known ~= '' then
  local lost_at = math.max(tonumber(redis.call('HGET', clock, 'lostAt')) or 0, tonumber(ARGV[3]))
  local time = redis.call('TIME')
  local now = tonumber(ARGV[4]) or time[1] * 1000 + math.floor(time[2] / 1000)
  -- Within 5 s every node has met the loss and has said whom it knows; until then nobody is ended.
  local until_at = string.format('%.0f', now + SETTLE_MS)
  redis.call('HSET', clock, 'lostAt', string.format('%.0f', lost_at), 'vouchUntil', until_at, 'settledAt', until_at)
end
return epoch
