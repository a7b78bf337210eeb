-- A loop whose branch grows a side trace; at the end of either way is a function of guarded steps.
local band = bit.band

local function even(t, i)
  local a, b, c, d = band(i, 63) + 1, band(i, 31) + 1, band(i, 15) + 1, band(i, 7) + 1 -- hot
  t[a] = t[d] + 1; t[c] = t[b] * 0.25; t[b] = t[d] + 3; t[c] = t[d] + 3 -- hot
  t[c] = t[a] + 1; t[c] = t[b] * 0.5; t[d] = t[b] * 0.25; t[b] = t[c] - 1 -- hot
  t[b] = t[a] + 1; t[b] = t[d] - 1; t[b] = t[c] * 0.25; t[c] = t[d] * 0.25 -- hot
  t[b] = t[d] + 3; t[c] = t[d] * 0.5; t[c] = t[b] - 1; t[b] = t[d] * 0.5 -- hot
  t[d] = t[c] * 0.25; t[d] = t[b] * 0.5; t[d] = t[b] - 1; t[b] = t[c] * 0.5 -- hot
  t[c] = t[d] * 0.25; t[d] = t[b] - 1; t[d] = t[c] * 0.5; t[a] = t[b] + 1 -- hot
  t[b] = t[c] + 1; t[a] = t[c] + 1; t[c] = t[d] - 1; t[b] = t[d] - 1 -- hot
  t[b] = t[a] + 3; t[a] = t[d] * 0.5; t[b] = t[c] + 1; t[a] = t[d] + 1 -- hot
  t[a] = t[d] + 1; t[c] = t[b] - 1; t[a] = t[b] * 0.25; t[a] = t[d] - 1 -- hot
  t[a] = t[d] * 0.5; t[a] = t[b] * 0.5; t[c] = t[b] * 0.25; t[a] = t[b] + 3 -- hot
  t[b] = t[d] - 1; t[a] = t[c] * 0.5; t[a] = t[d] + 3; t[b] = t[c] * 0.25 -- hot
  t[c] = t[a] * 0.5; t[c] = t[b] * 0.25; t[a] = t[b] + 1; t[d] = t[c] - 1 -- hot
  t[b] = t[c] + 3; t[a] = t[c] - 1; t[c] = t[b] + 3; t[c] = t[d] + 1 -- hot
  t[b] = t[a] + 3; t[d] = t[a] + 1; t[b] = t[a] - 1; t[a] = t[c] + 3 -- hot
  t[d] = t[b] * 0.25; t[d] = t[a] - 1; t[d] = t[b] * 0.25; t[a] = t[c] * 0.25 -- hot
  t[a] = t[b] * 0.25; t[d] = t[b] + 1; t[a] = t[c] * 0.5; t[c] = t[d] * 0.5 -- hot
  t[c] = t[a] + 3; t[a] = t[d] * 0.5; t[b] = t[c] + 1; t[d] = t[a] + 3 -- hot
  t[d] = t[b] - 1; t[c] = t[a] * 0.5; t[c] = t[d] + 1; t[b] = t[d] - 1 -- hot
  t[a] = t[c] * 0.5; t[d] = t[c] + 3; t[d] = t[a] * 0.5; t[a] = t[c] * 0.5 -- hot
  t[a] = t[d] * 0.25; t[d] = t[b] * 0.5; t[d] = t[a] * 0.5; t[c] = t[b] * 0.25 -- hot
end

local function odd(t, i)
  local a, b, c, d = band(i, 7) + 1, band(i, 31) + 1, band(i, 63) + 1, band(i, 15) + 1 -- hot
  t[b] = t[d] + 1; t[b] = t[a] + 1; t[c] = t[a] - 1; t[c] = t[b] - 1 -- hot
  t[a] = t[b] - 1; t[a] = t[c] * 0.5; t[b] = t[d] * 0.5; t[c] = t[a] * 0.25 -- hot
  t[c] = t[d] + 3; t[b] = t[a] - 1; t[a] = t[c] * 0.5; t[a] = t[b] * 0.25 -- hot
  t[c] = t[d] - 1; t[d] = t[b] * 0.25; t[c] = t[b] + 3; t[b] = t[a] * 0.5 -- hot
  t[c] = t[a] + 1; t[a] = t[b] * 0.5; t[d] = t[c] * 0.5; t[b] = t[c] - 1 -- hot
  t[b] = t[c] + 3; t[c] = t[a] * 0.5; t[c] = t[d] * 0.25; t[b] = t[d] + 1 -- hot
  t[a] = t[c] - 1; t[c] = t[d] * 0.25; t[b] = t[a] * 0.5; t[b] = t[d] + 3 -- hot
  t[a] = t[d] * 0.5; t[a] = t[b] * 0.5; t[a] = t[b] * 0.5; t[d] = t[c] + 1 -- hot
  t[c] = t[a] * 0.5; t[b] = t[d] * 0.25; t[b] = t[d] * 0.5; t[c] = t[d] + 1 -- hot
  t[d] = t[a] + 3; t[b] = t[a] + 1; t[a] = t[d] - 1; t[b] = t[c] + 1 -- hot
  t[d] = t[c] - 1; t[c] = t[a] + 1; t[c] = t[b] - 1; t[d] = t[a] - 1 -- hot
  t[d] = t[b] + 3; t[d] = t[b] - 1; t[d] = t[a] + 3; t[b] = t[a] + 1 -- hot
  t[b] = t[c] - 1; t[b] = t[d] * 0.5; t[b] = t[d] + 1; t[c] = t[d] + 1 -- hot
  t[a] = t[b] + 3; t[a] = t[b] - 1; t[b] = t[d] * 0.5; t[d] = t[c] * 0.5 -- hot
  t[d] = t[c] - 1; t[c] = t[b] + 3; t[d] = t[a] * 0.5; t[b] = t[a] + 3 -- hot
  t[b] = t[d] + 1; t[b] = t[c] + 3; t[d] = t[c] + 3; t[d] = t[a] + 1 -- hot
  t[b] = t[a] + 1; t[c] = t[a] + 3; t[d] = t[a] * 0.25; t[b] = t[c] * 0.25 -- hot
  t[c] = t[d] + 3; t[d] = t[a] + 1; t[a] = t[c] * 0.25; t[a] = t[b] * 0.25 -- hot
  t[c] = t[d] - 1; t[a] = t[b] + 1; t[a] = t[b] * 0.5; t[a] = t[d] * 0.25 -- hot
  t[d] = t[b] - 1; t[c] = t[b] - 1; t[d] = t[b] + 1; t[d] = t[b] + 3 -- hot
end

local function run(n)
  local t = {}
  for i = 1, 64 do t[i] = i end
  for i = 1, n * 100 do
    if band(i, 3) == 0 then even(t, i) else odd(t, i) end
  end
end

return run
