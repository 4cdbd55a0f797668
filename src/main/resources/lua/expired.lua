-- Finds tasks whose lease has ended. Changes nothing.
-- KEYS 1 leases
-- ARGV 1 how many at most
-- Returns members of the leases, the one that ended first at the beginning
local time = redis.call('TIME')
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000 + math.floor(time[2] / 1000), 'LIMIT', 0, ARGV[1])
