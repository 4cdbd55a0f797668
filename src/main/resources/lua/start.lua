-- Accepts runs of one partition: stores each and puts its first event into the inbox, or among the timers when it begins later.
-- Atomic; repeating it changes nothing. The runs are accepted or refused one by one, in their order.
-- KEYS 1 inbox, 2 index of queued runs, 3 timers, 4 depth, then for each run: its hash, the indices of its attributes
-- ARGV 1 depth at which runs are refused (empty: never), 2 channel of hints, 3 hint, 4 channel of changes,
--      then for each run: run id, accepted at (ms since 1970), identity, head, packed input, hash of the input, event,
--      begins at (ms since 1970; empty: now), cause (JSON; empty: somebody asked for it), how many indices
-- Returns for each run: 1 accepted, 0 it existed with the same input, -1 it existed with another input, -2 refused: the partition is full;
--         at last the depth: entries of the inbox, tasks that wait and tasks in flight
local max = tonumber(ARGV[1])
local waiting = redis.call('XLEN', KEYS[1])
local depth = waiting + tonumber(redis.call('GET', KEYS[4]) or '0')
local replies, changed = {}, {}
local at, key = 5, 5
local function accept()
  local known = redis.call('HGET', KEYS[key], 'hash')
  if known then return known == ARGV[at + 5] and 0 or -1 end
  local id, event, later = ARGV[at], ARGV[at + 6], ARGV[at + 7]
  if max and depth >= max and later == '' then return -2 end
  redis.call('HSET', KEYS[key], 'identity', ARGV[at + 2], 'head', ARGV[at + 3], 'input', ARGV[at + 4], 'hash', ARGV[at + 5], 'version', '0')
  if ARGV[at + 8] ~= '' then redis.call('HSET', KEYS[key], 'cause', ARGV[at + 8]) end
  redis.call('ZADD', KEYS[2], ARGV[at + 1], id)
  for i = key + 1, key + ARGV[at + 9] do redis.call('ZADD', KEYS[i], ARGV[at + 1], id) end
  if later == '' then
    redis.call('XADD', KEYS[1], '*', 'run', id, 'e', event, 'd', '')
    depth = depth + 1
  else
    redis.call('ZADD', KEYS[3], later, id .. '\n' .. event)
  end
  changed[#changed + 1] = id
  return 1
end
local before = depth
while at <= #ARGV do
  replies[#replies + 1] = accept()
  key = key + 1 + ARGV[at + 9]
  at = at + 10
end
if #changed > 0 then redis.call('PUBLISH', ARGV[4], table.concat(changed, ' ')) end
-- An inbox that was not empty has had its hint.
if waiting == 0 and depth > before then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
replies[#replies + 1] = depth
return replies
