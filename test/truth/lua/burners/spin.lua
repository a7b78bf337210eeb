-- A loop of arithmetic, on one line.
local function run(n)
  local s = 0
  for i = 1, n * 1000 do s = s + i % 7 end -- hot
  return { s }
end

return run
