-- Accepts a run that begins where another one was: stores it and puts its first event into the inbox. Atomic; repeating it changes nothing.
-- KEYS 1 run, 2 inbox, 3 index of its status, 4 transcript, 5 items, 6... indices of its attributes
-- ARGV 1 run id, 2 accepted at (ms since 1970), 3 identity, 4 head, 5 packed input, 6 hash of the input, 7 event,
--      8 channel of hints, 9 hint, 10 channel of changes,
--      then sections, each a count followed by that many groups of: field, value | transcript entry | field, packed items
-- Returns 1 accepted, 0 the run existed with the same input, -1 it existed with another input
local known = redis.call('HGET', KEYS[1], 'hash')
if known then
  return known == ARGV[6] and 0 or -1
end
redis.call('HSET', KEYS[1], 'identity', ARGV[3], 'head', ARGV[4], 'input', ARGV[5], 'hash', ARGV[6], 'version', '0')
local at = 11
local function section(width, each)
  local count = tonumber(ARGV[at])
  at = at + 1
  for i = 1, count do
    each(at)
    at = at + width
  end
end
section(2, function(i) redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end)
section(1, function(i) redis.call('RPUSH', KEYS[4], ARGV[i]) end)
section(2, function(i) redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 1]) end)
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
for i = 6, #KEYS do redis.call('ZADD', KEYS[i], ARGV[2], ARGV[1]) end
redis.call('XADD', KEYS[2], '*', 'run', ARGV[1], 'e', ARGV[7], 'd', '')
redis.call('PUBLISH', ARGV[8], ARGV[9])
redis.call('PUBLISH', ARGV[10], ARGV[1])
return 1
