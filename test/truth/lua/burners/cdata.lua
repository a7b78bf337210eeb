-- Operators of cdata, each of which the interpreter hands to a built-in, and ffi.copy.
local ffi = require "ffi"

local source, target = ffi.new("char[256]"), ffi.new("char[256]")

local function run(n)
  for i = 1, n * 10 do
    local at = target + i % 64 -- hot
    at[0] = at[1] -- hot
    ffi.copy(at, source, 64) -- hot
  end
end

return run
