-- LuaJIT's own account of its compiler's work: where root traces were aborted and why, what it
-- marked as not to be tried again, and how often it flushed all traces. Written as JSON.
local ffi = require "ffi"
local util = require "jit.util"
local vmdef = require "jit.vmdef"

ffi.cdef "int getpid(void);"

local RETRY = 6
local KINDS = {
  IFORL = "loop", ILOOP = "loop", IITERL = "iterator loop", IFUNCF = "function",
  IFUNCV = "function",
}

local step, places, starts, flushes, traces, open = -1, {}, {}, 0, 0, nil

local function opcode(func, pc) -- given up: off
  local name = (util.funcbc(func, pc)) % 256 * 6
  return (vmdef.bcnames:sub(name + 1, name + 6):gsub(" ", ""))
end

local function place(func, pc)
  return func and util.funcinfo(func).source or "", util.funcinfo(func, pc).currentline
end

local events = {}

-- A root trace has no parent; one that begins at a return is not penalised.
function events.start(_, func, pc, parent)
  open = nil
  local op = opcode(func, pc)
  if parent or op:find "^RET" then return end
  open = { func = func, pc = pc, op = op }
  open.file, open.line = place(func, pc)
  starts[#starts + 1] = open
end

-- Each step loads its code once more. Of a place LuaJIT remembers how often, and the last reason.
function events.abort(_, _, _, code)
  if not open or code == RETRY then return end
  local reason = type(code) == "number" and vmdef.traceerr[code] or vmdef.traceerr[0]
  local id = table.concat({ open.file, util.funcinfo(open.func).linedefined, open.pc, step }, ":")
  local row = places[id] or { id = id, file = open.file, line = open.line, count = 0 }
  row.count, row.reason, places[id] = row.count + 1, reason:gsub(" %%[ds]", ""), row
end

function events.stop() traces = traces + 1 end

function events.flush() flushes, traces = flushes + 1, 0 end

local function given_up() -- given up: off
  local found, rows = {}, {}
  for _, start in ipairs(starts) do
    local op = opcode(start.func, start.pc)
    local kind = KINDS[op] or (start.op == "ITERN" and op == "ITERC" and "iterator loop")
    local key = kind and kind .. start.file .. ":" .. start.line
    if kind and not found[key] then
      found[key] = true
      local form = '{"file":%q,"line":%d,"kind":%q}'
      rows[#rows + 1] = form:format(start.file, start.line, kind)
    end
  end
  return table.concat(rows, ",")
end

-- Whole at every moment for who reads it.
local function write(path) -- given up: off
  local rows = {}
  step = step + 1
  for id, row in pairs(places) do
    rows[#rows + 1] = string.format('{"id":%q,"reason":%q,"file":%q,"line":%d,"count":%d}', id,
      row.reason, row.file, row.line, row.count)
  end
  local file = assert(io.open(path .. ".new", "w"))
  local form = '{"pid":%d,"step":%d,"traces":%d,"flushes":%d,"aborts":[%s],"blacklisted":[%s]}'
  file:write(form:format(ffi.C.getpid(), step, traces, flushes, table.concat(rows, ","),
    given_up()))
  file:close()
  assert(os.rename(path .. ".new", path))
end

jit.attach(function(what, ...)
  local handle = events[what]
  if handle then handle(...) end
end, "trace")

for _, own in ipairs { given_up, write, opcode } do jit.off(own) end

return write
