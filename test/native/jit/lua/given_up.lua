-- Places that LuaJIT gives up for good: it tries about eleven times, ever later.
local f

local function make(x) -- given up: function
  return function() return x end
end

local function step(t, i)
  i = i + 1
  if t[i] then return i, t[i] end
end

local cases = {}

function cases.func()
  for i = 1, 100 do
    for j = 1, 1000 do f = make(i + j) end -- given up: loop
  end
end

function cases.loop()
  local i = 0
  while i < 100000 do -- given up: loop
    i = i + 1
    f = function() return i end
  end
end

function cases.iterator()
  local t = {}
  for i = 1, 100000 do t[i] = i end
  for _, v in step, t, 0 do -- given up: iterator loop
    f = function() return v end
  end
end

-- Of a loop over pairs() old versions compile nothing at all.
function cases.pairs()
  local t = {}
  for i = 1, 100000 do t[i] = i end
  for _, v in pairs(t) do -- may be given up: iterator loop
    f = function() return v end
  end
end

return cases[...]()
