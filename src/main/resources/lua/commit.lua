-- with letters
-- Commits one run's transition: takes in its events, writes the delta, appends history and transcript, enqueues tasks, sets and
-- clears timers, keeps and loads items of loops, subscribes, and hands on what others are to do. Atomic.
-- KEYS 1 owner, 2 inbox, 3 run, 4 history, 5 timers, 6 index of the old status, 7 index of the new status,
--      8 highest fencing token, 9 transcript, 10 items, 11 held, 12 outbox, 13 index of ended runs,
--      14 approvals that are asked for, 15 what they ask, 16... lanes, sets of subscribers, hashes of correlations, indices of attributes
-- ARGV 1 fencing token, 2 ownership in ms, 3 run id, 4 accepted at (ms since 1970),
--      5 channel of changes, 6 head of the run (empty: nothing changed), 7 channel of hints,
--      8 version of the run that the transition started from, 9 ended at (ms since 1970; empty: it has not),
--      10 how many visits of steps began,
--      then sections, each a count followed by that many groups of:
--      inbox entry id | event to hold back | hint to publish | "release" |
--      field, value to set | field to remove | history entry | transcript entry |
--      timer to clear | due at (ms since 1970), timer |
--      index of the lane in KEYS, hint, step, attempt, packed input, enqueued at (ms since 1970), more fields (JSON) |
--      field of the items, packed items | field to remove | field to load, event | event for the inbox |
--      index of the subscribers, index of the correlations, from, member: to remove | the same: to add |
--      approval that is not asked for any more | asked at (ms since 1970), approval, packed event that asks |
--      kind, attributes (JSON), packed data for the outbox | index of the attribute to leave | index to join |
--      records, index, counts of the dead letters, record of the run's letter (empty: it has none any more)
-- Returns 1 committed, 0 the events had been taken in before, -1 the partition has another owner, or had one that wrote this run:
--         a Redis that lost its last second may give out a fencing token twice, and the version tells
local owner = redis.call('GET', KEYS[1])
-- An ownership that ended still counts while nobody has taken the partition since.
if not owner and redis.call('GET', KEYS[8]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
elseif owner ~= ARGV[1] then
  return -1
end
if redis.call('HGET', KEYS[3], 'version') ~= ARGV[8] then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local run = ARGV[3]
local at = 11
local function section(width, each)
  local count = tonumber(ARGV[at])
  at = at + 1
  for i = 1, count do
    each(at)
    at = at + width
  end
end
local function key(i) return KEYS[tonumber(ARGV[i])] end
local function deliver(event, data) redis.call('XADD', KEYS[2], '*', 'run', run, 'e', event, 'd', data) end
local taken = 0
section(1, function(i) taken = taken + redis.call('XDEL', KEYS[2], ARGV[i]) end)
if taken == 0 then return 0 end
section(1, function(i) redis.call('RPUSH', KEYS[11], ARGV[i]) end)
section(1, function(i) redis.call('PUBLISH', ARGV[7], ARGV[i]) end)
if ARGV[6] == '' then return 1 end
section(1, function(i)
  for _, entry in ipairs(redis.call('LRANGE', KEYS[11], 0, -1)) do
    local cut = string.find(entry, '\n', 1, true)
    deliver(string.sub(entry, 1, cut - 1), string.sub(entry, cut + 1))
  end
  redis.call('DEL', KEYS[11])
end)
if ARGV[10] ~= '0' then redis.call('HINCRBY', KEYS[3], 'visits', ARGV[10]) end
section(2, function(i) redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end)
section(1, function(i) redis.call('HDEL', KEYS[3], ARGV[i]) end)
section(1, function(i) redis.call('RPUSH', KEYS[4], ARGV[i]) end)
section(1, function(i) redis.call('RPUSH', KEYS[9], ARGV[i]) end)
section(1, function(i) redis.call('ZREM', KEYS[5], ARGV[i]) end)
section(2, function(i) redis.call('ZADD', KEYS[5], ARGV[i], ARGV[i + 1]) end)
section(7, function(i)
  local entry = redis.call('XADD', key(i), '*', 'run', run, 'step', ARGV[i + 2], 'attempt', ARGV[i + 3],
    'input', ARGV[i + 4], 'at', ARGV[i + 5], 'more', ARGV[i + 6])
  redis.call('HSET', KEYS[3], 't:' .. ARGV[i + 2], entry)
  redis.call('PUBLISH', ARGV[7], ARGV[i + 1])
end)
section(2, function(i) redis.call('HSET', KEYS[10], ARGV[i], ARGV[i + 1]) end)
section(1, function(i) redis.call('HDEL', KEYS[10], ARGV[i]) end)
section(2, function(i) deliver(ARGV[i + 1], redis.call('HGET', KEYS[10], ARGV[i]) or '[]') end)
section(1, function(i) deliver(ARGV[i], '') end)
section(4, function(i)
  if redis.call('SREM', key(i), ARGV[i + 3]) == 1 then
    if redis.call('HINCRBY', key(i + 1), ARGV[i + 2], -1) <= 0 then redis.call('HDEL', key(i + 1), ARGV[i + 2]) end
  end
end)
section(4, function(i)
  if redis.call('SADD', key(i), ARGV[i + 3]) == 1 then redis.call('HINCRBY', key(i + 1), ARGV[i + 2], 1) end
end)
section(1, function(i)
  redis.call('ZREM', KEYS[14], ARGV[i])
  redis.call('HDEL', KEYS[15], ARGV[i])
end)
section(3, function(i)
  redis.call('ZADD', KEYS[14], ARGV[i], ARGV[i + 1])
  redis.call('HSET', KEYS[15], ARGV[i + 1], ARGV[i + 2])
end)
section(3, function(i)
  redis.call('XADD', KEYS[12], '*', 'run', run, 'kind', ARGV[i], 'a', ARGV[i + 1], 'd', ARGV[i + 2])
end)
section(1, function(i) redis.call('ZREM', key(i), run) end)
section(1, function(i) redis.call('ZADD', key(i), ARGV[4], run) end)
section(4, function(i) letters(key(i), key(i + 1), key(i + 2), run, ARGV[i + 3]) end)
if KEYS[6] ~= KEYS[7] then
  redis.call('ZREM', KEYS[6], run)
  redis.call('ZADD', KEYS[7], ARGV[4], run)
end
if ARGV[9] == '' then redis.call('ZREM', KEYS[13], run) else redis.call('ZADD', KEYS[13], ARGV[9], run) end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
