-- The code that the gateway of gateway.test.ts runs in its phases.
local M = {}

local function work(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end
  return s
end
jit.off(work)

function M.rewrite() return (work(10000)) end

-- As Kong does: each plugin's access phase runs in a coroutine of its own.
local plugin = { access = function() return (work(30000)) end }
function M.access()
  local co = coroutine.create(plugin.access)
  coroutine.resume(co)
end

local function light() return (work(20000)) end
function M.content()
  local thread = ngx.thread.spawn(light)
  ngx.thread.wait(thread)
  ngx.say("ok")
end

local function tick() return (work(10000)) end
function M.log()
  ngx.timer.at(0, function() tick() end)
end

return M
