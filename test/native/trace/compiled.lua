-- Compiled code whose callees are inlined, and C that compiled code calls.
local ffi = require "ffi"
ffi.cdef "size_t strlen(const char *s);"
local text = string.rep("x", 20000)

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

while true do
  outer(400000)
  native(2000)
  churn(5000)
end
