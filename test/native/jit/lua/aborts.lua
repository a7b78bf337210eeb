-- Each case makes LuaJIT give up traces that begin at its marked lines, last for the reason there.
local ffi = require "ffi"

ffi.cdef [[
typedef struct { int quotient, rest; } jit_division;
jit_division div(int, int);
]]

local cases = {}

function cases.closure()
  local f
  for i = 1, 200 do -- aborts: NYI: bytecode
    f = function() return i end
  end
  return f
end

function cases.short_loop()
  local sum = 0
  for i = 1, 30 do
    for j = 1, 3 do -- aborts: leaving loop in root trace
      sum = sum + i * j
    end
  end
  return sum
end

function cases.inner_loop()
  local sum = 0
  for i = 1, 60 do -- aborts: inner loop in root trace
    local j = 0
    while i > 55 and j < 2 do
      j = j + 1
      sum = sum + j
    end
  end
  return sum
end

function cases.recursion()
  local function down(n)
    if n == 0 then return 0 end
    local rest = down(n - 1)
    return rest + 1
  end
  for i = 1, 60 do -- aborts: call unroll limit reached
    if i > 55 then down(8) end
  end
end

function cases.tail_calls()
  local function down(n)
    if n == 0 then return 0 end
    return down(n - 1)
  end
  for i = 1, 60 do -- aborts: loop unroll limit reached
    if i > 55 then down(40) end
  end
end

function cases.off()
  local function plain(x) return x + 1 end -- given up: off
  jit.off(plain)
  local sum = 0
  for _ = 1, 150 do -- aborts: JIT compilation disabled for function
    sum = plain(sum)
  end
  return sum
end

function cases.failing_call()
  local function fail() return ffi + 1 end
  for _ = 1, 90 do -- aborts: missing metamethod
    pcall(fail)
  end
end

function cases.error_while_recording()
  local locked = setmetatable({}, { __metatable = 1 })
  for _ = 1, 200 do -- aborts: error thrown or hook called during recording
    pcall(setmetatable, locked, {})
  end
end

function cases.guard()
  for _ = 1, 200 do -- aborts: guard would always fail
    pcall(math.floor, "x")
  end
end

function cases.bad_argument()
  local function fail() return ("x"):rep {} end
  for _ = 1, 90 do -- aborts: bad argument type
    pcall(fail)
  end
end

function cases.nil_key()
  for _ = 1, 200 do -- aborts: store with nil or NaN key
    pcall(rawset, {}, nil, 1)
  end
end

function cases.endless_index()
  local a = {}
  local b = setmetatable({}, { __index = a })
  setmetatable(a, { __index = b })
  local function get() return a.x end
  for _ = 1, 90 do -- aborts: looping index lookup
    pcall(get)
  end
end

function cases.struct_by_value()
  for i = 1, 200 do -- aborts: NYI: unsupported C function type
    ffi.C.div(i, 2)
  end
end

function cases.filled_array()
  for i = 1, 200 do -- aborts: NYI: unsupported C type conversion
    ffi.new("int[?]", 3, i)
  end
end

function cases.changing_types()
  local a, b, c, d, e, f, g = 1, "x", nil, true, {}, 2, "y"
  for _ = 1, 300 do -- aborts: persistent type instability
    a, b, c, d, e, f, g = b, c, d, e, f, g, a
  end
  return a
end

return cases[...]()
