-- What LuaJIT itself says of its compiler's work: where root traces were aborted and why, what it
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

local aborts, starts, flushes, open = {}, {}, 0, nil

local function opcode(func, pc)
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

function events.abort(_, _, _, code)
  if not open or code == RETRY then return end
  local reason = type(code) == "number" and vmdef.traceerr[code] or vmdef.traceerr[0]
  reason = reason:gsub(" %%[ds]", "")
  local key = reason .. "\0" .. open.file .. "\0" .. open.line
  local row = aborts[key] or { reason = reason, file = open.file, line = open.line, count = 0 }
  row.count, aborts[key] = row.count + 1, row
end

function events.flush() flushes = flushes + 1 end

local function given_up()
  local found, rows = {}, {}
  for _, start in ipairs(starts) do
    local op = opcode(start.func, start.pc)
    local kind = KINDS[op] or (start.op == "ITERN" and op == "ITERC" and "iterator loop")
    local key = kind and kind .. start.file .. ":" .. start.line
    if kind and not found[key] then
      found[key] = true
      rows[#rows + 1] = string.format('{"file":%q,"line":%d,"kind":%q}', start.file, start.line, kind)
    end
  end
  return table.concat(rows, ",")
end

-- Whole at every moment for who reads it.
local function write(path, step)
  local rows = {}
  for _, row in pairs(aborts) do
    rows[#rows + 1] = string.format('{"reason":%q,"file":%q,"line":%d,"count":%d}', row.reason,
      row.file, row.line, row.count)
  end
  local file = assert(io.open(path .. ".new", "w"))
  file:write(string.format('{"pid":%d,"step":%d,"flushes":%d,"aborts":[%s],"blacklisted":[%s]}',
    ffi.C.getpid(), step, flushes, table.concat(rows, ","), given_up()))
  file:close()
  assert(os.rename(path .. ".new", path))
end

jit.attach(function(what, ...)
  local handle = events[what]
  if handle then handle(...) end
end, "trace")

return write
