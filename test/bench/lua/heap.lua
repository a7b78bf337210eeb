-- luajit heap.lua MEGABYTES: holds that much in small objects, as a gateway's caches do, and then
-- works on. Once it is at work it writes, every 50 ms, how long it stood still at most (in ms).
local ffi = require "ffi"

ffi.cdef [[
typedef struct { long seconds, nanoseconds; } heap_time;
int clock_gettime(int clock, heap_time *time);
]]

local MONOTONIC = 1
local PIECE = 1024 -- bytes, about: a table of a hundred numbers and a text
local now = ffi.new("heap_time")

local function milliseconds()
  ffi.C.clock_gettime(MONOTONIC, now)
  return tonumber(now.seconds) * 1e3 + tonumber(now.nanoseconds) * 1e-6
end

local held = {}
for i = 1, arg[1] * 1048576 / PIECE do
  local numbers = {}
  for k = 1, 64 do numbers[k] = k end
  held[i] = { numbers = numbers, text = ("x"):rep(200) .. i }
end
-- A collector that walks all of it would be what is measured.
collectgarbage("stop")

local written, before, longest = milliseconds(), milliseconds(), 0
while true do
  local moment = milliseconds()
  longest = math.max(longest, moment - before)
  before = moment
  if moment - written > 50 then
    io.write(string.format("%.3f %d\n", longest, collectgarbage("count") / 1024))
    io.flush()
    written, longest, before = milliseconds(), 0, milliseconds()
  end
end
