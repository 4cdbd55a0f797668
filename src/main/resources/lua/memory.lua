-- Tells how full the node of a partition is. Atomic; changes nothing.
-- KEYS 1 any key of the partition
-- Returns the memory that the node uses and its maxmemory (bytes; 0: no bound)
local info = redis.call('INFO', 'memory')
return { tonumber(string.match(info, 'used_memory:(%d+)')), tonumber(string.match(info, 'maxmemory:(%d+)')) }
