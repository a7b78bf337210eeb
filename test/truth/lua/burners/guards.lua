-- Callees that a trace inlines, in which each step is guarded: each load has to be checked, since
-- the store before it may have changed what it loads.
local band = bit.band

local function work(t, i)
  local a, b, c, d = band(i, 63) + 1, band(i, 31) + 1, band(i, 15) + 1, band(i, 7) + 1 -- hot
  t[b] = t[c] + 1; t[c] = t[a] + 3; t[d] = t[b] + 3; t[b] = t[a] + 3 -- hot
  t[d] = t[c] + 1; t[d] = t[b] - 1; t[a] = t[b] + 1; t[a] = t[d] * 0.25 -- hot
  t[a] = t[b] - 1; t[d] = t[c] + 1; t[d] = t[c] - 1; t[c] = t[a] - 1 -- hot
  t[d] = t[b] + 1; t[d] = t[c] + 1; t[b] = t[c] * 0.5; t[a] = t[c] * 0.5 -- hot
  t[d] = t[c] - 1; t[c] = t[b] * 0.25; t[a] = t[b] - 1; t[d] = t[b] - 1 -- hot
  t[c] = t[a] + 3; t[a] = t[d] * 0.25; t[d] = t[b] + 3; t[a] = t[b] + 1 -- hot
  t[c] = t[d] * 0.25; t[b] = t[a] * 0.25; t[b] = t[a] - 1; t[b] = t[d] * 0.25 -- hot
  t[c] = t[d] * 0.5; t[d] = t[b] * 0.25; t[a] = t[b] * 0.25; t[b] = t[c] * 0.25 -- hot
  t[b] = t[d] + 1; t[b] = t[c] + 3; t[a] = t[c] * 0.25; t[c] = t[b] * 0.25 -- hot
  t[a] = t[d] - 1; t[a] = t[d] + 1; t[b] = t[d] * 0.5; t[a] = t[d] - 1 -- hot
  return t[a] -- hot
end

local function middle(t, i) return (work(t, i)) end

local function outer(n)
  local t, s = {}, 0
  for i = 1, 64 do t[i] = i end
  for i = 1, n * 100 do s = s + middle(t, i) end
  return s
end

local function run(n) outer(n) end

return run
