-- Compiled code whose callees are inlined, and C that compiled code calls.
local ffi = require "ffi"
ffi.cdef "size_t strlen(const char *s);"
local text = string.rep("x", 20000)

local function bump(t, i)
  local k = i % 8 + 1
  t[k] = (t[k] or 0) + i -- guards: line 8
  return t[k]
end

local function outer(n)
  local t, s = {}, 0
  for i = 1, n do
    s = s + bump(t, i) -- line 15
  end
  return s
end

local function native(n)
  local s = 0
  for _ = 1, n do
    s = s + tonumber(ffi.C.strlen(text)) -- line 23
  end
  return s
end

local function churn(n)
  local t
  for i = 1, n do
    t = { i, { i } } -- line 31
  end
  return t
end

while true do
  outer(200000)
  native(2000)
  churn(30000)
end
