-- with letters
-- Puts a dead letter that was an entry of a stream back there, as a new entry. Atomic.
-- KEYS 1 records, 2 index and 3 counts of the dead letters, 4 stream, 5 counts of clearings
-- ARGV 1 id of the letter, 2 clearing that asks (empty: a person)
-- Returns 1 put back, 0 there is no such letter any more
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record then return 0 end
redis.call('XADD', KEYS[4], '*', unpack(cjson.decode(record).fields))
letters(KEYS[1], KEYS[2], KEYS[3], ARGV[1], '')
if ARGV[2] ~= '' then redis.call('HINCRBY', KEYS[5], ARGV[2], 1) end
return 1
