-- From {"name=weight", ...} to what drive takes.
return function(folder, words)
  local burners = {}
  for i, word in ipairs(words) do
    local name, weight = word:match("^([%w_]+)=(%d+)$")
    local run = assert(dofile(folder .. "/burners/" .. name .. ".lua"))
    burners[i] = { name = name, weight = tonumber(weight), run = run }
  end
  return burners
end
