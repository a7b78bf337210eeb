-- A C library's functions: JSON there and back.
local cjson = require "cjson.safe"

local document = { list = {}, name = "document", nested = { a = { b = { c = true } } } }
for i = 1, 50 do document.list[i] = { id = i, text = "entry " .. i, ratio = i / 7 } end

local function run(n)
  for _ = 1, n do cjson.decode(cjson.encode(document)) end -- hot
end

return run
