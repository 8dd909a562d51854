-- Presence over time. Per partition, accounts: `wanted` by how long they are to be recorded, `recording` by their next
-- minute. Per account: `points` (counts, a list), `latest` (by agent the last turn), `trails` (by agent, eight letters a
-- turn: a state and the second, as in trails.ts).
local wanted, recording = partition .. 'wanted', partition .. 'recording'

local function recorded_of(key)
  local at = partition .. key .. ':'
  return { points = at .. 'points', latest = at .. 'latest', trails = at .. 'trails' }
end

local function second_of(trail, place)
  return tonumber(string.sub(trail, place + 1, place + 7), 36)
end

-- With one turn more, without what lies after it or has been over for a day, and within its bounds.
local function with_turn(trail, turn)
  local second = second_of(turn, 1)
  while #trail > 0 and second_of(trail, #trail - 7) >= second do
    trail = string.sub(trail, 1, -9)
  end
  trail = trail .. turn
  while #trail > 8 * MAX_TURNS or (#trail > 8 and second_of(trail, 9) <= second - RECORDED_MS / 1000) do
    trail = string.sub(trail, 9)
  end
  return trail
end
