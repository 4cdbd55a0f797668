-- with letters
-- Removes a dead letter for good; its run stays as it is, and its history says why. Atomic.
-- KEYS 1 records, 2 index and 3 counts of the dead letters, 4 history of the run, 5 counts of clearings
-- ARGV 1 id of the letter, 2 when it was written (ms since 1970), 3 entry for the history (empty: none),
--      4 clearing that asks (empty: none), 5 now (ms since 1970), 6 for how long a redrive that was asked for keeps it (ms)
-- Returns 1 removed, 0 there is no such letter any more, -1 it is being redriven
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record or string.format('%.0f', cjson.decode(record).at) ~= ARGV[2] then return 0 end
local mark = redis.call('HGET', KEYS[1], 'redriven\n' .. ARGV[1])
if mark and tonumber(string.match(mark, '^%d+')) + tonumber(ARGV[6]) > tonumber(ARGV[5]) then return -1 end
letters(KEYS[1], KEYS[2], KEYS[3], ARGV[1], '')
if ARGV[3] ~= '' then redis.call('RPUSHX', KEYS[4], ARGV[3]) end
if ARGV[4] ~= '' then redis.call('HINCRBY', KEYS[5], ARGV[4], 1) end
return 1
