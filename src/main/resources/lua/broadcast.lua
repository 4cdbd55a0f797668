-- Puts a CloudEvent into a partition's inbox for all runs that listen, once for each source and id. Atomic.
-- KEYS 1 marker of source and id, 2 inbox, 3 correlations of its type, 4 correlations of any type
-- ARGV 1 packed event, 2 channel of hints, 3 hint, 4 how long the event is remembered (ms), 5 event type, 6 at (ms since 1970)
-- Returns 1 put, 0 it had come before, -1 nobody listens to its type here
if redis.call('EXISTS', KEYS[3]) == 0 and redis.call('EXISTS', KEYS[4]) == 0 then return -1 end
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[4]) then return 0 end
redis.call('XADD', KEYS[2], '*', 'run', '', 'e', ARGV[5], 'd', ARGV[1], 'at', ARGV[6])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
