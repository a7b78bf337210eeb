-- The code of the gateway of labels.test.ts: a function for each phase and each location, so that a
-- sample's stack says which labels it must have.
local M = {}

local function work(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end
  return s
end
jit.off(work)

function M.in_rewrite() return (work(20000)) end
function M.in_access() return (work(20000)) end
function M.in_header_filter() return (work(20000)) end
function M.in_body_filter() return (work(20000)) end
function M.in_log() return (work(20000)) end
function M.in_timer() return (work(60000)) end

function M.of_first() return (work(40000)) end
function M.of_second() return (work(40000)) end
function M.of_inner() return (work(40000)) end
function M.of_moved() return (work(40000)) end
function M.of_coroutine() return (work(40000)) end
function M.of_thread() return (work(40000)) end

-- The root of its stack is this file, not a block of nginx.conf.
function M.run_timer(premature)
  if premature then return end
  M.in_timer()
  ngx.timer.at(0.005, M.run_timer)
end

return M
