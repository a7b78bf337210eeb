-- 200 frames deep.
local function burn(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end -- hot
  return s
end

local function down(depth, n)
  if depth == 0 then return (burn(n)) end
  return (down(depth - 1, n))
end

local function run(n) down(200, n * 1000) end

return run
