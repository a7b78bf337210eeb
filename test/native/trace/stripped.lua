-- Functions that a dump without debug information can hide, all of one code but for two: what tells
-- them apart is what holds them.
local M = { nested = { deep = {} }, steps = {} }
local function burn(n) local x = 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
local function first(n) local x = 2 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
local function second(n) local x = 2 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
function M.six(n) local x = 1 for i = 1, 6 * n do x = (x * 16807 + i) % 2147483647 end return x end
function M.three(n) local x = 1 for i = 1, 6 * n do x = (x * 16807 + i) % 2147483647 end return x end
function M.one(n) local x = 1 for i = 1, 6 * n do x = (x * 16807 + i) % 2147483647 end return x end
function M.nested.deep.inner(n) local x = 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
function M.locals(n) return first(n) + second(n) end
M.steps[1] = function(n) local x = 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
M.steps[2] = function(n) local x = 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
function M.vary(...) local n, x = ..., 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
local Class = {}
Class.__index = Class
function Class:method(n) local x = 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
function M.new() return setmetatable({}, Class) end
function M.made()
  return function(n) local x = 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
end
function a_global(n) local x = 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end return x end
M.unused = burn
return M
