-- Asks for permits of one limit. They go to those who asked first, whoever the caller is. Atomic.
-- KEYS 1 holders, 2 waiting, 3 state
-- ARGV 1 now (ms since 1970; empty: the server's clock), 2 lease (ms), 3 max, 4 how long an unused limit is remembered (ms),
--      then groups of: holder, asked since (ms since 1970)
-- Returns for each holder its fencing token, 0 it waits; how many wait; then the holders who waited and have a permit now, but
--         did not ask in this call: for a lease it is theirs, and they must be told
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local max = tonumber(ARGV[3])
local expires = string.format('%.0f', now + ARGV[2])
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))) do
  redis.call('ZREM', KEYS[1], holder)
  redis.call('HDEL', KEYS[3], 't:' .. holder)
end
redis.call('HSET', KEYS[3], 'max', ARGV[3])
local asks = {}
for i = 5, #ARGV, 2 do
  asks[ARGV[i]] = true
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then redis.call('ZADD', KEYS[2], 'NX', ARGV[i + 1], ARGV[i]) end
end
local told = {}
local free = max - redis.call('ZCARD', KEYS[1])
if free > 0 then
  for _, holder in ipairs(redis.call('ZRANGE', KEYS[2], 0, free - 1)) do
    redis.call('ZREM', KEYS[2], holder)
    redis.call('ZADD', KEYS[1], expires, holder)
    if not asks[holder] then told[#told + 1] = holder end
  end
end
-- Greater than all before it even when the state was forgotten, or a Redis lost its last second: the clock goes on.
local fence = math.max(tonumber(redis.call('HGET', KEYS[3], 'fence') or '0'), now * 1000)
local reply = {}
for i = 5, #ARGV, 2 do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    fence = fence + 1
    redis.call('ZADD', KEYS[1], expires, ARGV[i])
    redis.call('HSET', KEYS[3], 't:' .. ARGV[i], string.format('%.0f', fence))
    reply[#reply + 1] = fence
  else
    reply[#reply + 1] = 0
  end
end
redis.call('HSET', KEYS[3], 'fence', string.format('%.0f', fence))
redis.call('PEXPIRE', KEYS[3], ARGV[4])
reply[#reply + 1] = redis.call('ZCARD', KEYS[2])
for _, holder in ipairs(told) do reply[#reply + 1] = holder end
return reply
