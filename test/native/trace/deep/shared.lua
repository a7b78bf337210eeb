-- Called by all plugins, owned by nobody: a copy that goes down, and coroutines inside coroutines.
local M = {}

function M.nest(depth)
  local root = {}
  local at = root
  for i = 1, depth do
    at.name, at.child = "level" .. i, {}
    at = at.child
  end
  return root
end

function M.copy(t)
  if type(t) ~= "table" then return t end
  local out = {}
  for k, v in pairs(t) do out[k] = M.copy(v) end
  return out
end

-- The same, each level behind pcall and variable arguments: other kinds of frames.
local function guarded(copy, t, ...)
  if type(t) ~= "table" then return t end
  local out = {}
  for k, v in pairs(t) do
    local _, child = pcall(copy, copy, v, ...)
    out[k] = child
  end
  return out
end
function M.guard(t) return guarded(guarded, t, 1, 2, 3) end

-- `work` in the innermost of so many coroutines.
function M.inside(coroutines, work)
  if coroutines == 0 then return work() end
  local co = coroutine.create(function() M.inside(coroutines - 1, work) end)
  assert(coroutine.resume(co))
end

return M
