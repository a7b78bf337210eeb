-- luajit run.lua FOLDER LEDGER GATE FILE: each line that comes through the gate, a pipe, loads
-- and runs the file once with that line as its argument. The ledger is written before and after it.
local folder, ledger, gate, file = arg[1], arg[2], arg[3], arg[4]
package.path = folder .. "/?.lua;" .. package.path

local write = require "ledger"
local lines = assert(io.open(gate, "r+"))

write(ledger)
while true do
  local line = lines:read "*l"
  assert(loadfile(folder .. "/" .. file))(line)
  write(ledger)
end
