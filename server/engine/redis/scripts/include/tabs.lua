-- Open tabs of an agent, and since when none is visible or open.

local function tab_of(agent, id)
  for i, tab in ipairs(agent.tabs) do
    if tab.id == id then
      return tab, i
    end
  end
end

local function open_tab(agent, id, sid)
  if #agent.tabs == 0 then
    agent.hidden_at = now
  end
  local _, place = tab_of(agent, id)
  agent.tabs[place or #agent.tabs + 1] = { id = id, sid = sid, visible = false, since = now, node = node }
end

local function show_tab(agent, tab, visible, at)
  tab.visible, tab.since = visible, at
  agent.left_at = nil
  if visible_tabs(agent) > 0 then
    agent.hidden_at = nil
  else
    agent.hidden_at = agent.hidden_at or at
  end
end

local function close_tab(agent, place)
  local visible_before = visible_tabs(agent) > 0
  table.remove(agent.tabs, place)
  if visible_before and visible_tabs(agent) == 0 then
    agent.hidden_at = now
  end
  if #agent.tabs == 0 then
    agent.left_visible = visible_before
    agent.left_at = now
  end
end

-- Closes those that `gone` says have gone, in their order.
local function close_tabs(agent, gone)
  local place = 1
  while agent.tabs[place] do
    if gone(agent.tabs[place]) then
      close_tab(agent, place)
    else
      place = place + 1
    end
  end
end
