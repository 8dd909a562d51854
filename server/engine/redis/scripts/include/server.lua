-- Which server it is, and whether it is the one that was swept last: another one, or the same started anew, may lack what
-- the nodes were told last.

-- Its name. Where it is another, nobody is ended until every node has come over and has
-- repeated what it knows.
local function notice_server()
  local info = redis.pcall('INFO', 'server')
  local name = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
  local known = redis.call('HGET', clock, 'server')
  -- A server that does not tell has to be taken for the one it was.
  if name ~= '' and known ~= name then
    redis.call('HSET', clock, 'server', name)
    if known then
      redis.call('HSET', clock, 'settledAt', num(now + SETTLE_MS))
    end
  end
  return name
end

-- From when on ends are carried out again.
local function settled_at()
  local at = tonumber(redis.call('HGET', clock, 'settledAt')) or 0
  -- Not one from before the clock was set back.
  return at - now <= SETTLE_MS and at or 0
end
