-- Accepts a run that begins where another one was: stores it and puts its first event into the inbox. Atomic; repeating it changes nothing.
-- KEYS 1 run, 2 inbox, 3 index of its status, 4 transcript, 5 items, 6... indices of its attributes
-- ARGV 1 run id, 2 accepted at (ms since 1970), 3 head, 4 packed input, 5 hash of the input, 6 event,
--      7 channel of hints, 8 hint, 9 channel of changes,
--      then sections, each a count followed by that many groups of: field, value | transcript entry | field, packed items
-- Returns 1 accepted, 0 the run existed with the same input, -1 it existed with another input
local known = redis.call('HGET', KEYS[1], 'hash')
if known then
  return known == ARGV[5] and 0 or -1
end
redis.call('HSET', KEYS[1], 'head', ARGV[3], 'input', ARGV[4], 'hash', ARGV[5], 'version', '0')
local at = 10
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
redis.call('XADD', KEYS[2], '*', 'run', ARGV[1], 'e', ARGV[6], 'd', '')
redis.call('PUBLISH', ARGV[7], ARGV[8])
redis.call('PUBLISH', ARGV[9], ARGV[3])
return 1
