-- with letters
-- Moves what cannot be processed from a stream to the dead letters. Atomic.
-- KEYS 1 stream it is in, 2 records, 3 index and 4 counts of the dead letters
-- ARGV 1 consumer group (empty: none), 2 entry id, 3 id of the letter, 4 its record (JSON), which gets the entry as `fields`
-- Returns 1 moved, 0 it was not there any more
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
if #found == 0 then return 0 end
local record = string.sub(ARGV[4], 1, -2) .. ',"fields":' .. cjson.encode(found[1][2]) .. '}'
letters(KEYS[2], KEYS[3], KEYS[4], ARGV[3], record)
if ARGV[1] ~= '' then redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) end
redis.call('XDEL', KEYS[1], ARGV[2])
return 1
