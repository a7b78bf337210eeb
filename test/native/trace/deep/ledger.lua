-- CPU time by name, as the worker itself has measured it.
local ffi = require "ffi"
ffi.cdef [[typedef struct { long s, ns; } ledger_time; int clock_gettime(int, ledger_time *);]]
local THREAD_CPU = 3
local time = ffi.new "ledger_time"
local M, spent = {}, {}

local function now()
  ffi.C.clock_gettime(THREAD_CPU, time)
  return tonumber(time.s) * 1e6 + tonumber(time.ns) / 1e3
end
jit.off(now)

function M.charge(name, work)
  local began = now()
  work()
  spent[name] = (spent[name] or 0) + now() - began
end
jit.off(M.charge)

function M.take()
  local lines = {}
  for name, us in pairs(spent) do lines[#lines + 1] = name .. " " .. us end
  spent = {}
  return table.concat(lines, "\n")
end

return M
