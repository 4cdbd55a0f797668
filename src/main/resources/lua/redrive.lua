-- Asks a failed run to go on, once for each of its dead letters; the commit in which it does removes the letter. Atomic.
-- The mark beside the record, `redriven\n<id>`, says when it was asked for (ms since 1970), a blank, and by which clearing.
-- KEYS 1 records of the dead letters, 2 run, 3 inbox, 4 counts of clearings
-- ARGV 1 id of the letter and of the run, 2 when it was written (ms since 1970), 3 now (ms since 1970),
--      4 for how long nobody else may ask for the same (ms), 5 clearing that asks (empty: a person),
--      6 channel of hints, 7 hint, then the events: event, packed data
-- Returns 1 asked, now or by the same clearing before, 0 somebody else has asked before, -1 there is no such letter any more
local record = redis.call('HGET', KEYS[1], ARGV[1])
if not record or redis.call('EXISTS', KEYS[2]) == 0 then return -1 end
if string.format('%.0f', cjson.decode(record).at) ~= ARGV[2] then return -1 end
local mark = 'redriven\n' .. ARGV[1]
local before = redis.call('HGET', KEYS[1], mark)
if before then
  local at, who = string.match(before, '^(%d+) (.*)$')
  if tonumber(at) + tonumber(ARGV[4]) > tonumber(ARGV[3]) then return ARGV[5] ~= '' and who == ARGV[5] and 1 or 0 end
end
redis.call('HSET', KEYS[1], mark, ARGV[3] .. ' ' .. ARGV[5])
for i = 8, #ARGV, 2 do redis.call('XADD', KEYS[3], '*', 'run', ARGV[1], 'e', ARGV[i], 'd', ARGV[i + 1]) end
if ARGV[5] ~= '' then redis.call('HINCRBY', KEYS[4], ARGV[5], 1) end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return 1
