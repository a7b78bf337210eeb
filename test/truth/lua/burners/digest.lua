-- Functions of nginx itself.
local text = ("x"):rep(4000)

local function run(n)
  for i = 1, n do ngx.encode_base64(ngx.sha1_bin(text)); ngx.md5(text) end -- hot
end

return run
