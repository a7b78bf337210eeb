-- The same loop on three lines, 5 : 3 : 2.
local function run(n)
  local s = 0
  for _ = 1, n do
    for i = 1, 500 do s = s + i % 7 end -- hot 50
    for i = 1, 300 do s = s + i % 7 end -- hot 30
    for i = 1, 200 do s = s + i % 7 end -- hot 20
  end
  return { s }
end

return run
