-- Takes a partition whose tasks no dispatcher takes, or keeps it. Atomic.
-- KEYS 1 dispatcher of the partition, 2 highest fencing token of dispatchers
-- ARGV 1 fencing token (empty: the caller has none), 2 how long it lasts from now (ms)
-- Returns the fencing token, greater than those of all dispatchers before, or the one that the caller has; 0 when another has the partition
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
local token = holder or redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
return tonumber(token)
