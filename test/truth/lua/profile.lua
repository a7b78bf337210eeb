-- LuaJIT's own profiler beside ours: which stacks it counts, written to a file now and then. Each
-- line: samples, state of the VM, and the frames from the leaf outwards.
local profile = require "jit.profile"

local WRITE_AFTER = 200

return function(path)
  local counts, since = {}, 0
  profile.start("li1", function(thread, samples, state)
    local key = state .. "\t" .. profile.dumpstack(thread, "pl|", 250)
    counts[key] = (counts[key] or 0) + samples
    since = since + samples
    if since < WRITE_AFTER then return end
    since = 0
    local file = assert(io.open(path .. ".new", "w"))
    for each, count in pairs(counts) do file:write(count, "\t", each, "\n") end
    file:close()
    assert(os.rename(path .. ".new", path))
  end)
end
