-- Runs burners until it is ended: luajit load.lua FOLDER LEDGER MODE [profile FILE] NAME=WEIGHT...
-- MODE is `interpreter` or `compiled`.
local folder, ledger, mode = arg[1], arg[2], arg[3]
package.path = folder .. "/?.lua;" .. package.path
if mode == "interpreter" then jit.off() end

local first = 4
if arg[4] == "profile" then
  require("profile")(arg[5])
  first = 6
end
require("drive")(require("shares")(folder, { unpack(arg, first) }), ledger)
