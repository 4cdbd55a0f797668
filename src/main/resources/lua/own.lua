-- Takes a partition that nobody owns. Atomic.
-- KEYS 1 owner, 2 highest fencing token
-- ARGV 1 ownership in ms
-- Returns the fencing token, greater than all before it; 0 when the partition has an owner
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
return token
