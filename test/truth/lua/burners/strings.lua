-- Strings made and forgotten.
local function run(n)
  local s
  for i = 1, n * 10 do s = "key-" .. i .. "-" .. tostring(i * 7) .. ("%x"):format(i) end -- hot
  return { s }
end

return run
