-- luajit run.lua FOLDER LEDGER GATE FILE: each line that comes through the gate, a pipe, runs the
-- file once with that line as its argument. The ledger is written before and after it.
local folder, ledger, gate, file = arg[1], arg[2], arg[3], arg[4]
package.path = folder .. "/?.lua;" .. package.path

local write = require "ledger"
local run = assert(loadfile(folder .. "/" .. file))
local lines = assert(io.open(gate, "r+"))

write(ledger, 0)
for step = 1, 50 do
  local line = lines:read "*l"
  run(line)
  write(ledger, step)
end
