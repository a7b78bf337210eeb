-- Two functions that take turns of half a period of CPU time each. Run as: luajit in_step.lua MICROSECONDS
jit.off()
local ffi = require("ffi")
ffi.cdef [[
typedef struct { long sec, nsec; } in_step_time;
int clock_gettime(int clock, in_step_time *time);
]]

local THREAD_CPU = 3
local PERIOD = tonumber(arg[1])
local time = ffi.new("in_step_time")

local function phase()
  ffi.C.clock_gettime(THREAD_CPU, time)
  return (tonumber(time.sec) * 1e6 + tonumber(time.nsec) / 1e3) % PERIOD / PERIOD
end

local M = {}

function M.first()
  while phase() < 0.5 do end
end

function M.second()
  while phase() >= 0.5 do end
end

while true do
  M.first()
  M.second()
end
