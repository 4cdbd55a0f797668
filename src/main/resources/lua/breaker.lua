-- Changes what is known of endpoints, where it still is what the caller took it for, and tells all of it. Atomic; done twice it
-- changes nothing more.
-- KEYS 1 endpoints
-- ARGV 1 how long all of it is kept (ms), then groups of: field, its value as the caller knows it (empty: none), the new value
--      (empty: none)
-- Returns how many of the fields have the new value, then all fields and values
local count = 0
for i = 2, #ARGV, 3 do
  local value = redis.call('HGET', KEYS[1], ARGV[i]) or ''
  if value == ARGV[i + 1] and value ~= ARGV[i + 2] then
    if ARGV[i + 2] == '' then
      redis.call('HDEL', KEYS[1], ARGV[i])
    else
      redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2])
    end
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    value = ARGV[i + 2]
  end
  if value == ARGV[i + 2] then count = count + 1 end
end
local reply = redis.call('HGETALL', KEYS[1])
table.insert(reply, 1, count)
return reply
