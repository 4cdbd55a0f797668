-- Writes what an event made of a workflow's collected events. Atomic; each event counts once.
-- KEYS 1 collected events of the workflow, 2 marker of workflow and event, 3 sets that are complete
-- ARGV 1 group, 2 its sets as they were read (empty: none), 3 its sets now (empty: none), 4 how long the event is remembered (ms),
--      5 name of the complete set (empty: none is), 6 the complete set
-- Returns 1 written, 0 the sets are not as they were read any more, -1 the event had counted before
if redis.call('EXISTS', KEYS[2]) == 1 then return -1 end
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], '1', 'PX', ARGV[4])
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[3], ARGV[5], ARGV[6]) end
return 1
