-- Allocates known amounts for ever. `luajit known.lua known` prints bytes by function instead, by the
-- collector's own count while it frees nothing; `jit` compiles.
if arg[1] ~= "jit" then
  jit.off()
end
local stem = ("x"):rep(500)
local count, last = 0, nil

local function strings()
  for _ = 1, 20 do
    count = count + 1
    last = stem .. count -- line: strings
  end
end

local function tables()
  for i = 1, 60 do
    last = { i, last and i, i, i, i, i, i, i, i, i } -- line: tables
  end
end

local function closures()
  for i = 1, 30 do
    local other = i
    last = function() return i + other end -- line: closures
  end
end

local function bytes(work)
  collectgarbage()
  collectgarbage("stop")
  local before = collectgarbage("count")
  for _ = 1, 100 do
    work()
  end
  local grown = (collectgarbage("count") - before) * 1024 / 100
  collectgarbage("restart")
  return grown
end

if arg[2] == "known" or arg[1] == "known" then
  local form = '{"strings":%d,"tables":%d,"closures":%d}'
  print(form:format(bytes(strings), bytes(tables), bytes(closures)))
  os.exit(0)
end

while true do
  strings()
  tables()
  closures()
end
