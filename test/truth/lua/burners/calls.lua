-- Calls and returns, of which the machine's registers are half done at any moment.
local function tiny(a, b) return a + b end -- hot

local function run(n)
  local s = 0
  for i = 1, n * 300 do s = tiny(s, i) end -- hot
  return { s }
end

return run
