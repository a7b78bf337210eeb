-- Allocates without end, and says so once in 20000 tables.
local last
while true do
  for i = 1, 20000 do
    last = { i, last and i }
  end
  io.write("\n")
  io.flush()
end
