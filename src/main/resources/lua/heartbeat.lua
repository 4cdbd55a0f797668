-- Extends the leases of tasks. One that was settled gets none.
-- KEYS 1 leases
-- ARGV 1 lease (ms), 2... members of the leases
-- Returns how many were extended
local time = redis.call('TIME')
local lasts = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
local kept = 0
for i = 2, #ARGV do kept = kept + redis.call('ZADD', KEYS[1], 'XX', 'CH', lasts, ARGV[i]) end
return kept
