-- As aborts.lua, for the limits of the compiler. Long code is generated, in one line.
local options = { "maxrecord=4000", "maxirconst=500", "maxsnap=500", "minstitch=3", "hotloop=56" }

local function with(option)
  jit.opt.start(unpack(options))
  jit.opt.start(option)
end

local function list(n, format)
  local parts = {}
  for i = 1, n do parts[i] = format:gsub("@", i):gsub("#", i * 7 % n + 1) end
  return table.concat(parts, " ")
end

local function numbers(n)
  local t = {}
  for i = 1, n do t[i] = i + 0.5 end
  return t
end

local function run(text, ...) return assert(loadstring(text, "@generated.lua"))(...) end

local cases = {}

function cases.long()
  with "maxrecord=20"
  local sum = 0
  for i = 1, 200 do -- aborts: trace too long
    sum = sum + i % 3 * (i % 5) + i % 7 - i % 11 + i % 13 - i % 17 + i % 19
    sum = sum + i % 3 * (i % 5) + i % 7 - i % 11 + i % 13 - i % 17 + i % 19
    sum = sum + i % 3 * (i % 5) + i % 7 - i % 11 + i % 13 - i % 17 + i % 19
    sum = sum + i % 3 * (i % 5) + i % 7 - i % 11 + i % 13 - i % 17 + i % 19
  end
  return sum
end

function cases.guarded()
  with "maxsnap=5"
  local sum, t = 0, numbers(7)
  for i = 1, 200 do -- aborts: too many snapshots
    if t[i % 7 + 1] == 1 then sum = sum + 1 end
    if t[i % 5 + 1] == 2 then sum = sum + 1 end
    if t[i % 6 + 1] == 3 then sum = sum + 1 end
    if t[i % 4 + 1] == 4 then sum = sum + 1 end
    if t[i % 3 + 1] == 4 then sum = sum + 1 end
    if t[i % 2 + 1] == 4 then sum = sum + 1 end
  end
  return sum
end

function cases.short()
  with "minstitch=1000"
  for _ = 1, 200 do -- aborts: trace too short
    collectgarbage "count"
  end
end

function cases.spilling()
  -- generated 2: too many spill slots
  with "maxrecord=4000"
  local names = list(60, "v@,")
  run("local t = ... local " .. names .. "x = " .. list(60, "1.5,") .. "1\nfor i = 1, 200 do " ..
    list(60, "v@ = v@ + v# * t[@]") .. " end return " .. names .. "x", numbers(60))
end

function cases.carrying()
  -- generated 3: too many PHIs
  with "maxrecord=4000"
  local names = list(100, "v@,")
  run("\nlocal " .. names .. "x = " .. list(100, "0,") .. "1\nfor i = 1, 200 do " ..
    list(100, "v@ = v@ + i") .. " end return " .. names .. "x")
end

return cases[...]()
