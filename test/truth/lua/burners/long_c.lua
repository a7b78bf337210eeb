-- C that takes long, called from Lua.
local text = ("x"):rep(200000)

local function run(n)
  local s = 0
  for i = 1, n do s = s + #text:reverse():upper() end -- hot
  return { s }
end

return run
