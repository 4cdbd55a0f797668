-- Looks at a partition's lanes, and for tasks whose lease has ended. Changes nothing.
-- KEYS 1 leases, 2 names of the lanes
-- ARGV 1 how many tasks at most
-- Returns { members of the leases, the one that ended first at the beginning; names of the lanes }
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return { redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1]), redis.call('SMEMBERS', KEYS[2]) }
