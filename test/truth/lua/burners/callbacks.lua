-- C that calls Lua: a comparator of table.sort, and a function of string.gsub.
local seed = {}
for i = 1, 100 do seed[i] = (i * 7919) % 1009 end

local function before(a, b) return a % 101 < b % 101 end -- hot

local function each(letter) return letter == "a" and "b" or letter end -- hot

local function run(n)
  for _ = 1, n do
    local t = {}
    for i = 1, 100 do t[i] = seed[i] end -- hot
    table.sort(t, before) -- hot
    local s = ("abcdefgh"):rep(20):gsub(".", each) -- hot
  end
end

return run
