-- Regular expressions, compiled once and by PCRE's own JIT.
local subject = ("path/to/some-resource?key=value&other=42;"):rep(4)

local function run(n)
  for _ = 1, n do
    ngx.re.find(subject, [[other=(\d+);$]], "jo") -- hot
    ngx.re.match(subject, [[(\w+)=(\w+)&other]], "jo") -- hot
    ngx.re.gsub(subject, [[[aeiou]+]], "-", "jo") -- hot
  end
end

return run
