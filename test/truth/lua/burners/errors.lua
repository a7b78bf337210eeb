-- pcall in xpcall in pcall, and an error out of the innermost.
local function burn(fail)
  local s = 0
  for i = 1, 5000 do s = s + i % 7 end -- hot
  if fail then error("known", 0) end -- hot
  return s
end

local function handler(message) return message end

local function inner(fail)
  local ok, result = pcall(burn, fail)
  if not ok then error(result, 0) end -- hot
  return result
end

local function middle(fail)
  local ok, result = xpcall(inner, handler, fail)
  return ok and result
end

local function run(n)
  for i = 1, n do pcall(middle, i % 8 == 0) end
end

return run
