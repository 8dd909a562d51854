-- Text: ids, numbers and JSON. An id in a key or a queue is encoded (ids.ts): ASCII without delimiters.

-- Milliseconds in full: Lua would write 1.7e+12 for some. Not '%.0f', which takes four times as long.
local function num(n)
  return string.format('%d', n)
end

local function json(value)
  return cjson.encode(value)
end

-- The id that stands encoded.
local function decode(key)
  return (string.gsub(key, '%%(%x%x)', function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- Byte by byte: Lua's own `<` follows the server's locale.
local function precedes(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

-- 'a,b' as a JSON list of texts.
local function json_list(joined)
  local items = {}
  for item in string.gmatch(joined, '[^,]+') do
    items[#items + 1] = json(item)
  end
  return '[' .. table.concat(items, ',') .. ']'
end
