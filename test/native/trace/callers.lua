-- Functions without a name of their own, called in one way at a time. Run as: luajit callers.lua WAY
jit.off()

local function work()
  local s = 0
  for i = 1, 20000 do s = s + i % 7 end
  return s
end

local function same(value) return value end

local function each(visit)
  local result = visit()
  return result
end

local function left(visit) return visit() end

local hooks = {}
hooks.on_error = same(function() local s = work() return s end)

local ways = {
  parameter = function()
    each(same(
      function() local s = work() return s end))
  end,
  -- The caller's instruction names `left`, which is not on the stack any more.
  ["tail call"] = function()
    local s = left(same(
      function() local s = work() return s end))
    return s
  end,
  field = function()
    local s = hooks.on_error()
    return s
  end,
  iterator = function()
    for _ in same(
      function() return (work() > 0) or nil end)
    do break end
  end,
  protected = function()
    local callback = same(
      function() local s = work() return s end)
    local _, s = pcall(callback)
    return s
  end,
}

local way = ways[arg[1]]
while true do local _ = way() end
