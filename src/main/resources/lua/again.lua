-- Says when the next run of a chain is due, if it is the chain's own run that has ended. Atomic.
-- KEYS 1 due, 2 parked, 3 paused, 4 runs of chains
-- ARGV 1 member, 2 workflow, 3 run that has ended, 4 due at (ms since 1970)
-- Returns 1 due, 0 the run is not the chain's last one
if redis.call('HGET', KEYS[4], ARGV[1]) ~= ARGV[3] then return 0 end
local target = redis.call('HEXISTS', KEYS[3], ARGV[2]) == 1 and KEYS[2] or KEYS[1]
redis.call('ZADD', target, ARGV[4], ARGV[1])
return 1
