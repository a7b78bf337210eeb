-- A coroutine that runs a coroutine that runs one.
local function burn(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end -- hot
  return s
end

local function inner(n)
  burn(n)
  coroutine.yield()
  burn(n)
end

local function middle(n)
  local thread = coroutine.create(inner)
  coroutine.resume(thread, n)
  coroutine.yield()
  coroutine.resume(thread)
end

local function outer(n)
  local thread = coroutine.create(middle)
  coroutine.resume(thread, n)
  coroutine.resume(thread)
end

local function run(n)
  coroutine.resume(coroutine.create(outer), n * 500)
end

return run
