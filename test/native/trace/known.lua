-- Loops whose shares of CPU are known. Run as: luajit known.lua [jit]
if arg[1] ~= "jit" then jit.off() end

local M = {}

local function spin(n)
  local s = 0
  for i = 1, n do
    s = s + i % 7
  end
  return s
end

function M.three_quarters()
  return (spin(60000))
end

M.one_quarter = function()
  return (spin(20000))
end

-- A tail call: the frame of `through` is gone, and what its caller calls it is not what runs.
local function through()
  return M.one_quarter()
end

while true do
  M.three_quarters()
  through()
end
