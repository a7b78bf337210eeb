-- Metamethods: a function behind an operator, and one behind a field.
local function burn(n)
  local s = 0
  for i = 1, n do s = s + i % 7 end -- hot
  return s
end

local function get(_, key) return (burn(#key * 500)) end

local inner = setmetatable({}, { __index = get })

local function add(left) return (left.inner.field) end

local object = setmetatable({ inner = inner }, { __add = add })

local function run(n)
  local s = 0
  for _ = 1, n do s = s + (object + 1) end
  return { s }
end

return run
