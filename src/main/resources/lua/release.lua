-- Gives a partition back, if it is still owned under this token. Atomic.
-- KEYS 1 owner
-- ARGV 1 fencing token
-- Returns 1 given back, 0 it had another owner or none
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
