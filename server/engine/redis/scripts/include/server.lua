-- Which server it is, and whether it is the one that was swept last: another one, or the same started anew, may lack what
-- the nodes were told last.

-- Its name, where it is asked for, else ''. Where it is another, nobody is ended until every node has come over and has
-- repeated what it knows.
local function notice_server(asked)
  if not asked then
    return ''
  end
  local name = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
  local known = redis.call('HGET', clock, 'server')
  if known ~= name then
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
