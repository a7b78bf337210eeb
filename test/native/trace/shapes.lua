-- One shape of stack at a time, interpreted, for as long as this runs. Run as: luajit shapes.lua SHAPE
jit.off()

local function work()
  local s = 0
  for i = 1, 20000 do s = s + i % 7 end
  return s
end

local function down(n)
  if n == 0 then return (work()) end
  return (down(n - 1))
end

local function protected(n)
  if n == 0 then return (work()) end
  local ok, result = pcall(protected, n - 1)
  return ok and result
end

local function variadic(...)
  return (select("#", ...) > 0 and work())
end

local adder = setmetatable({}, { __add = function(a, b) return (work()) end })

local chunk = assert(load("return function(f)\n  local r = f()\n  return r\nend"))()
local hostile = assert(load("local f = ...\nlocal r = f()\nreturn r",
  "=</script>\27[31m" .. string.rep("x", 70000) .. "\226\128\174\0end"))

local shapes = {
  deep = function() return (down(40)) end,
  deeper = function() return (down(200)) end,
  pcall = function() return (protected(5)) end,
  vararg = function() return (variadic(1, 2, 3)) end,
  metamethod = function() return adder + 1 end,
  sort = function() table.sort({ 3, 2, 1 }, function(a, b) work() return a < b end) end,
  gsub = function() return (string.gsub("abc", ".", function() work() end)) end,
  text = function() return (chunk(work)) end,
  hostile = function() return (hostile(work)) end,
  coroutines = function()
    local outer = coroutine.wrap(function()
      local inner = coroutine.create(function()
        work()
        coroutine.yield()
        work()
      end)
      coroutine.resume(inner)
      coroutine.yield()
      coroutine.resume(inner)
    end)
    outer()
    outer()
  end,
  garbage = function()
    local t = {}
    for i = 1, 1000 do t[i] = { i, tostring(i) } end
  end,
}

local shape = shapes[arg[1]]
while true do shape() end
