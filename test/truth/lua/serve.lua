-- As load.lua, in the access phase of a request that never ends and whose query says what to run.
local query = ngx.req.get_uri_args()
if query.mode == "interpreter" then jit.off() end
if query.profile then require("profile")(query.profile) end

local words = {}
for word in query.shares:gmatch("[^,]+") do words[#words + 1] = word end
require("drive")(require("shares")(query.folder, words), query.ledger)
