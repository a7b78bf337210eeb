-- Compiles without a complaint.
local function add(a, b) return a + b end

local sum, t = 0, {}
for i = 1, 100000 do sum = add(sum, i % 7) end
for i = 1, 1000 do t[i] = i * 2 end
for _, v in ipairs(t) do sum = sum + v end
for i = 1, 1000 do sum = sum + #tostring(i) end
local i = 0
while i < 1000 do i = i + 1 end
return sum
