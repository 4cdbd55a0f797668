-- Says that a dispatcher lives, or that it goes. Atomic.
-- KEYS 1 dispatchers
-- ARGV 1 name, 2 how long it is known from now (ms; 0: it goes)
-- Returns the names of all that live, in order
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] == '0' then redis.call('ZREM', KEYS[1], ARGV[1]) else redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local names = redis.call('ZRANGE', KEYS[1], 0, -1)
table.sort(names)
return names
