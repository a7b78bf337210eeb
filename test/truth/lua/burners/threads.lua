-- Light threads of nginx, and one that a light thread spawns.
local function burn(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end -- hot
  return s
end

local function inner(n) return (burn(n)) end

local function outer(n)
  burn(n)
  ngx.thread.wait(ngx.thread.spawn(inner, n))
end

local function run(n)
  ngx.thread.wait(ngx.thread.spawn(outer, n * 500))
end

return run
