-- with letters
-- Deletes a run that has ended, with all that is its own. Atomic. A run that has not ended, or that has changed, stays.
-- KEYS 1 run, 2 history, 3 transcript, 4 items, 5 held, 6 journal, 7 ledger, 8 records, 9 index and 10 counts of the dead letters,
--      11 index of ended runs, 12... indices of its status and attributes
-- ARGV 1 run id, 2 version that was looked at
-- Returns 1 deleted, 0 it stays
if redis.call('HEXISTS', KEYS[1], 'ended') == 0 then return 0 end
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[2] then return 0 end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7])
letters(KEYS[8], KEYS[9], KEYS[10], ARGV[1], '')
for i = 11, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
return 1
