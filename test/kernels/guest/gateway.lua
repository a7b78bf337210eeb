-- A gateway whose profile is known: two loops, each on one line, with fixed parts of the CPU time
-- and a ledger of what they really had.
local clock = os.clock

local function interpreted(n)
  local sum = 0
  for i = 1, n do sum = (sum + i * 7) % 1000003 end -- hot: interpreted
  return sum
end
jit.off(interpreted)

local function compiled(n)
  local sum = 0
  for i = 1, n do sum = (sum + i * 7) % 1000003 end -- hot: compiled
  return sum
end

local spent = { interpreted = 0, compiled = 0 }

-- The steps are a few milliseconds each even under emulation: what the clock costs does not show.
local function burn(name, work, n, seconds)
  local began = clock()
  local now = began
  while now - began < seconds do
    work(n)
    now = clock()
  end
  spent[name] = spent[name] + now - began
end

local gateway = {}

function gateway.access()
  pcall(error, "thrown for those who watch")
  burn("interpreted", interpreted, 20000, 0.06)
  burn("compiled", compiled, 200000, 0.04)
end

function gateway.account(pid, listed)
  local form = '{"pid":%d,"listed":%s,"cpu":%.3f,"interpreted":%.3f,"compiled":%.3f}'
  return form:format(pid, tostring(listed), clock(), spent.interpreted, spent.compiled)
end

function gateway.ledger()
  ngx.say(gateway.account(ngx.worker.pid(), true))
end

return gateway
