-- Lets tasks that were given back be taken over now, the older ones first. Atomic; a task that a dispatcher has stays with it.
-- KEYS 1 leases, 2... lanes
-- ARGV 1 consumer group, 2 consumer of tasks that were given back, 3 channel of hints, 4 hint,
--      then for each task: its lane (index in KEYS), entry id, member of the leases
-- Returns how many were called
local called = 0
for i = 5, #ARGV, 3 do
  local id = ARGV[i + 1]
  local pending = redis.pcall('XPENDING', KEYS[tonumber(ARGV[i])], ARGV[1], id, id, 1, ARGV[2])[1]
  if pending then
    -- The first half of an entry's id is the ms at which it came.
    called = called + redis.call('ZADD', KEYS[1], 'XX', 'CH', string.match(id, '^%d+'), ARGV[i + 2])
  end
end
if called > 0 then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return called
