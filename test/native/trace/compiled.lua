-- Compiled code whose callees are inlined, and C that compiled code calls.
local ffi = require "ffi"
ffi.cdef [[
size_t strlen(const char *s);
void *memfrob(void *s, size_t n);
void *memmem(const void *haystack, size_t length, const void *needle, size_t size);
void swab(const void *from, void *to, ptrdiff_t n);
]]
local text = string.rep("x", 20000)
local bytes = ffi.new("char[20000]")
local look = ffi.C.memmem

-- Each store is a point to which the VM could go back: there it knows that it is in `bump`.
local function bump(t, i)
  local k = i % 8 + 1
  t[k] = (t[k] or 0) + i
  t[k + 1] = (t[k + 1] or 0) + i % 3
  t[k + 2] = (t[k + 2] or 0) + i % 5
  t[k + 3] = (t[k + 3] or 0) + i % 7
  return t[k]
end

local function outer(n)
  local t, s = {}, 0
  for i = 1, n do
    s = s + bump(t, i)
  end
  return s
end

local function native(n)
  local s = 0
  for _ = 1, n do
    s = s + tonumber(ffi.C.strlen(text))
  end
  return s
end

local function churn(n)
  local t
  for i = 1, n do
    t = { i, { i } }
  end
  return t
end

-- No guard from the first call to the last: the trace has one snapshot for all of them.
local function mix()
  ffi.C.memfrob(bytes, 20000)
  return 1
end

local function seek()
  look(text, 20000, "xy", 2)
  return 2
end

local function left()
  ffi.C.swab(bytes, bytes, 20000)
  return 3
end

local function right()
  ffi.C.swab(bytes, bytes, 20000)
  return 4
end

local function callers(n)
  local s = 0
  for _ = 1, n do
    s = s + mix()
    s = s + seek()
    s = s + left()
    s = s + right()
  end
  return s
end

while true do
  outer(400000)
  native(2000)
  churn(5000)
  callers(40)
end
