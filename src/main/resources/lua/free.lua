-- Gives permits of one limit back and hands them, with those whose lease has ended, to who waits longest. Atomic; giving back
-- what another has by now changes nothing.
-- KEYS 1 holders, 2 waiting, 3 state
-- ARGV 1 now (ms since 1970; empty: the server's clock), 2 lease (ms),
--      then groups of: holder, its fencing token (empty: whatever it has, also its turn in the line)
-- Returns how many wait, when the next lease ends (ms since 1970; 0: there is none), then the holders who waited and have a
--         place now: for a lease it is theirs, and they must be told
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function remove(holder)
  redis.call('ZREM', KEYS[1], holder)
  redis.call('HDEL', KEYS[3], 't:' .. holder)
end
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('ZREM', KEYS[2], ARGV[i])
    remove(ARGV[i])
  elseif redis.call('HGET', KEYS[3], 't:' .. ARGV[i]) == ARGV[i + 1] then
    remove(ARGV[i])
  end
end
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))) do remove(holder) end
local reply = { 0, 0 }
-- Without a state nobody has asked for long; one permit at a time moves those on who still wait.
local free = tonumber(redis.call('HGET', KEYS[3], 'max') or '1') - redis.call('ZCARD', KEYS[1])
if free > 0 then
  for _, holder in ipairs(redis.call('ZRANGE', KEYS[2], 0, free - 1)) do
    redis.call('ZREM', KEYS[2], holder)
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), holder)
    reply[#reply + 1] = holder
  end
end
reply[1] = redis.call('ZCARD', KEYS[2])
reply[2] = tonumber(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or '0')
return reply
