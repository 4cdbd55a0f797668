-- Puts an event into a run's inbox, once for each name. Atomic.
-- KEYS 1 run, 2 inbox, 3 marker of the name
-- ARGV 1 run id, 2 event, 3 packed data, 4 channel of hints, 5 hint, 6 how long the name is remembered (ms; empty: not at all),
--      7 what the name stands for (left out: 1)
-- Returns 1 put, 0 the name was used before, 2 it was used for something else, -1 there is no such run
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local meant = ARGV[7] or '1'
if ARGV[6] ~= '' and not redis.call('SET', KEYS[3], meant, 'NX', 'PX', ARGV[6]) then
  return redis.call('GET', KEYS[3]) == meant and 0 or 2
end
redis.call('XADD', KEYS[2], '*', 'run', ARGV[1], 'e', ARGV[2], 'd', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
