-- luajit functions.lua COUNT: so many functions in chunks of fifty. Each works in a loop; of fifty,
-- one is not to be compiled, and one makes closures, so that LuaJIT gives its loop up.
local PER_CHUNK = 50
local functions = {}

local function text(n)
  if n % PER_CHUNK == 1 then
    return "function(k) local f for i = 1, k do f = function() return i end end return f end"
  end
  return ("function(k) local s = %d for i = 1, k do s = s + i %% 7 end return s end"):format(n)
end

for chunk = 1, arg[1] / PER_CHUNK do
  local parts = {}
  for i = 1, PER_CHUNK do parts[i] = text((chunk - 1) * PER_CHUNK + i) end
  local source = "return {\n" .. table.concat(parts, ",\n") .. "\n}"
  for i, f in ipairs(assert(loadstring(source, "@chunk" .. chunk .. ".lua"))()) do
    if i == 2 then jit.off(f) end
    functions[#functions + 1] = f
  end
end

for i, f in ipairs(functions) do f(i % PER_CHUNK == 1 and 100000 or 200) end
io.write "ready\n"
io.flush()
while true do
  for _, f in ipairs(functions) do f(20) end
end
