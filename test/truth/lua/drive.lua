-- Spends CPU time on burners in fixed shares, and keeps a ledger of what each of them has had. It
-- measures CPU time, so the shares hold on a slow or a busy machine too.
local ffi = require "ffi"

ffi.cdef [[
typedef struct { long seconds, nanoseconds; } truth_time;
int clock_gettime(int clock, truth_time *time);
int getpid(void);
]]

local PROCESS_CPU = 2
local WARM_UP = 0.5
local WRITE_EVERY = 0.1
local SHORTEST, LONGEST = 0.001, 0.006

local now = ffi.new("truth_time")

local function cpu()
  ffi.C.clock_gettime(PROCESS_CPU, now)
  return tonumber(now.seconds) + tonumber(now.nanoseconds) * 1e-9
end

-- Whole at every moment for who reads it.
local function write_ledger(path, burners, total)
  local lines = {}
  for i, burner in ipairs(burners) do
    lines[i] = string.format('"%s":%.6f', burner.name, burner.spent)
  end
  local file = assert(io.open(path .. ".new", "w"))
  file:write(string.format('{"pid":%d,"cpu":%.6f,"spent":{%s}}', ffi.C.getpid(), total,
    table.concat(lines, ",")))
  file:close()
  assert(os.rename(path .. ".new", path))
end

-- Of what is measured between two readings, one reading is not the burner's.
local function cost_of_reading()
  local before = cpu()
  for _ = 1, 1000 do cpu() end
  return (cpu() - before) / 1001
end

-- Who is furthest behind its share.
local function next_burner(burners)
  local least, behind = nil, math.huge
  for _, burner in ipairs(burners) do
    local had = burner.spent / burner.weight
    if had < behind then least, behind = burner, had end
  end
  return least
end

-- Rounds for a slice of CPU time. Its length varies, lest the slices keep step with a sampler.
local function rounds(burner)
  local slice = SHORTEST + math.random() * (LONGEST - SHORTEST)
  return math.min(math.max(1, math.floor(slice / burner.cost)), burner.rounds * 2)
end

-- `burners`: {name, weight, run}; run(n, cpu) works for n rounds, and may return how much CPU time
-- of it was Lua's where it had to wait as well.
local function drive(burners, path)
  local reading = cost_of_reading()
  local began, written, warm
  for _, burner in ipairs(burners) do
    burner.spent, burner.cost, burner.rounds = 0, 1e-3, 1
  end
  began = cpu()
  written = began
  while true do
    local burner = next_burner(burners)
    local n = rounds(burner)
    local before = cpu()
    local own = burner.run(n, cpu)
    local after = cpu()
    local spent = type(own) == "number" and own or after - before - reading
    burner.spent, burner.rounds = burner.spent + spent, n
    burner.cost = 0.7 * burner.cost + 0.3 * spent / n + 1e-9
    if not warm and after - began > WARM_UP then
      warm = true
      for _, each in ipairs(burners) do each.spent = 0 end
    end
    if warm and after - written > WRITE_EVERY then
      write_ledger(path, burners, after)
      written = after
    end
  end
end

for _, each in ipairs { cpu, write_ledger, cost_of_reading, next_burner, rounds, drive } do
  jit.off(each)
end

return drive
