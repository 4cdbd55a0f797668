-- Moves what cannot be processed from a stream to the dead letters. Atomic.
-- KEYS 1 stream it is in, 2 dead letters
-- ARGV 1 consumer group (empty: none), 2 entry id, 3 reason, 4 at (ms since 1970)
-- Returns 1 moved, 0 it was not there any more
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
if #found == 0 then return 0 end
local fields = found[1][2]
fields[#fields + 1] = 'reason'
fields[#fields + 1] = ARGV[3]
fields[#fields + 1] = 'from'
fields[#fields + 1] = KEYS[1]
fields[#fields + 1] = 'buried'
fields[#fields + 1] = ARGV[4]
redis.call('XADD', KEYS[2], '*', unpack(fields))
if ARGV[1] ~= '' then redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) end
redis.call('XDEL', KEYS[1], ARGV[2])
return 1
