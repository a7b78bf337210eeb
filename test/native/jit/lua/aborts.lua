-- Each function makes LuaJIT give up a trace that begins at the marked line, for the reason there.
local ffi = require "ffi"

ffi.cdef "typedef struct { int a, b; } jit_pair; jit_pair div_t_of(int, int); int abs(int);"

local function new_closures()
  local f
  for i = 1, 200 do -- NYI: bytecode
    f = function() return i end
  end
  return f
end

local function short_inner_loop()
  local sum = 0
  for i = 1, 30 do
    for j = 1, 3 do -- leaving loop in root trace
      sum = sum + i * j
    end
  end
  return sum
end

local function errors()
  local n = 0
  for i = 1, 200 do -- error thrown or hook called during recording
    if pcall(error, i) then n = n + 1 end
  end
  return n
end

local function unmet()
  local n = 0
  local t = {}
  for _ = 1, 200 do -- missing metamethod
    pcall(function() return t + 1 end)
  end
  return n
end

new_closures()
short_inner_loop()
errors()
unmet()
