-- Gives tasks back, to be taken over at once or later. Atomic; only what the consumer has.
-- KEYS 1 leases, 2... lanes
-- ARGV 1 consumer group, 2 consumer, 3 not before (ms from now; 0: at once), 4 consumer of tasks that were given back,
--      5 channel of hints, 6 hint without its time (empty: none),
--      then for each task: its lane (index in KEYS), entry id, member of the leases
-- Returns how many were given back
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
local given = 0
for i = 7, #ARGV, 3 do
  local lane, id = KEYS[tonumber(ARGV[i])], ARGV[i + 1]
  local pending = redis.call('XPENDING', lane, ARGV[1], id, id, 1, ARGV[2])[1]
  if pending then
    redis.call('XCLAIM', lane, ARGV[1], ARGV[4], 0, id, 'RETRYCOUNT', pending[4], 'JUSTID')
    redis.call('ZADD', KEYS[1], at, ARGV[i + 2])
    given = given + 1
  end
end
if given > 0 and ARGV[6] ~= '' then redis.call('PUBLISH', ARGV[5], ARGV[6] .. string.format('%d', at)) end
return given
