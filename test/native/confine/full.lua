-- Holds more than a pipe takes, and is at work.
local held = {}
for i = 1, 200000 do
  held[i] = { i, tostring(i) }
end
local sum = 0
while true do
  sum = sum + #held
end
