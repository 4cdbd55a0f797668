-- Takes a partition that nobody owns. Atomic.
-- KEYS 1 owner, 2 highest fencing token, 3 who had the partition last
-- ARGV 1 ownership in ms, 2 name of the one who takes it
-- Returns the fencing token, greater than all before it, 0 when the partition has an owner; and 1 when the same one had it last, else 0
if redis.call('EXISTS', KEYS[1]) == 1 then return { 0, 0 } end
-- First a write that needs no memory: a Redis that is full lets the rest pass, so that what is under way goes on.
redis.call('DEL', KEYS[1])
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
local last = redis.call('GET', KEYS[3])
if last == ARGV[2] then return { token, 1 } end
redis.call('SET', KEYS[3], ARGV[2])
return { token, 0 }
