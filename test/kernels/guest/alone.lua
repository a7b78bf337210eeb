-- The gateway's loops without nginx; the ledger is a file, whole at every moment for who reads it.
package.path = "/gateway/?.lua"
local ffi = require "ffi"
local gateway = require "gateway"

ffi.cdef "int getpid(void);"

while true do
  gateway.access()
  local file = assert(io.open("/run/ledger.new", "w"))
  file:write(gateway.account(ffi.C.getpid(), false))
  file:close()
  assert(os.rename("/run/ledger.new", "/run/ledger"))
end
