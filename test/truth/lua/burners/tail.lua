-- Tail calls: the frames of `first` and `second` are gone when `third` works.
local function third(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end -- hot
  return s
end

local function second(n) return third(n) end

local function first(n) return second(n) end

local function run(n)
  for _ = 1, n do first(5000) end
end

return run
