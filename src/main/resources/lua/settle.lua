-- Ends one delivery: acknowledges and removes the task, and puts its result into the inbox. Atomic; the first result wins.
-- KEYS 1 lane, 2 inbox, 3 in flight
-- ARGV 1 consumer group, 2 entry id, 3 run id, 4 event (empty: the run has ended, nothing to tell it), 5 packed data, 6 attempt id, 7 channel of hints, 8 hint
-- Returns 1 settled, 0 the task had been settled before
-- Also by a later result: its dispatcher may have noted the attempt as in flight after the first result was settled.
redis.call('HDEL', KEYS[3], ARGV[6])
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XDEL', KEYS[1], ARGV[2])
if ARGV[4] ~= '' then
  redis.call('XADD', KEYS[2], '*', 'run', ARGV[3], 'e', ARGV[4], 'd', ARGV[5])
  redis.call('PUBLISH', ARGV[7], ARGV[8])
end
return 1
