-- Flushes of all traces: asked for, or because there is no room for more.
-- Traces of functions that are collected would go with them.
collectgarbage "stop"

local function compile(count, from)
  for i = 1, count do
    local text = "local sum = 0 for i = 1, 100 do sum = sum + i * " .. from + i .. " end return sum"
    assert(loadstring(text, "=generated"))()
  end
end

local cases = {}

function cases.few() compile(5, 0) end

function cases.asked() jit.flush() end

function cases.asked_at_once()
  compile(5, 100)
  jit.flush()
end

function cases.few_more() compile(5, 200) end

function cases.traces()
  jit.opt.start "maxtrace=20"
  compile(25, 1000)
end

function cases.code()
  jit.opt.start("maxtrace=1000", "sizemcode=32", "maxmcode=64")
  compile(900, 2000)
end

return cases[...]()
