-- Tables made and forgotten, some of which live for a while.
local kept = {}

local function make(i) return { i, { i }, name = i, { key = i } } end -- hot

local function run(n)
  for i = 1, n * 20 do kept[i % 512 + 1] = make(i) end -- hot
end

return run
