-- Corrects what was reserved of a rate by what was used. Atomic.
-- KEYS 1 used
-- ARGV groups of: slot, requests to add (negative: to give back), tokens to add
-- Returns how many of the slots still counted
local counted = 0
for i = 1, #ARGV, 3 do
  local fields = { 'r' .. ARGV[i], 't' .. ARGV[i] }
  local used = redis.call('HMGET', KEYS[1], fields[1], fields[2])
  if used[1] or used[2] then
    counted = counted + 1
    for k, field in ipairs(fields) do
      local amount = math.max(0, tonumber(used[k] or '0') + tonumber(ARGV[i + k]))
      redis.call('HSET', KEYS[1], field, string.format('%.0f', amount))
    end
  end
end
return counted
