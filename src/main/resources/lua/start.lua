-- Accepts a run: stores it and puts its first event into the inbox. Atomic; repeating it changes nothing.
-- KEYS 1 run, 2 inbox, 3 index of queued runs
-- ARGV 1 run id, 2 accepted at (ms since 1970), 3 head, 4 packed input, 5 hash of the input, 6 event,
--      7 channel of hints, 8 hint, 9 channel of changes
-- Returns 1 accepted, 0 the run existed with the same input, -1 it existed with another input
local known = redis.call('HGET', KEYS[1], 'hash')
if known then
  return known == ARGV[5] and 0 or -1
end
redis.call('HSET', KEYS[1], 'head', ARGV[3], 'input', ARGV[4], 'hash', ARGV[5], 'version', '0')
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('XADD', KEYS[2], '*', 'run', ARGV[1], 'e', ARGV[6], 'd', '')
redis.call('PUBLISH', ARGV[7], ARGV[8])
redis.call('PUBLISH', ARGV[9], ARGV[3])
return 1
