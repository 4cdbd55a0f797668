-- Commits one run's transition: takes in its events, writes the delta, appends history, enqueues tasks, sets timers. Atomic.
-- KEYS 1 owner, 2 inbox, 3 run, 4 history, 5 timers, 6 index of the old status, 7 index of the new status,
--      8 highest fencing token, 9... lanes
-- ARGV 1 fencing token, 2 ownership in ms, 3 run id, 4 accepted at (ms since 1970),
--      5 channel of changes, 6 head of the run (empty: nothing changed), 7 channel of hints,
--      8 version of the run that the transition started from,
--      then sections, each a count followed by that many groups of:
--      inbox entry id | field, value to set | field to remove | history entry | due at (ms since 1970), timer |
--      index of the lane in KEYS, hint, step, attempt, packed input, enqueued at (ms since 1970)
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
local at = 9
local function section(width, each)
  local count = tonumber(ARGV[at])
  at = at + 1
  for i = 1, count do
    each(at)
    at = at + width
  end
end
local taken = 0
section(1, function(i) taken = taken + redis.call('XDEL', KEYS[2], ARGV[i]) end)
if taken == 0 then return 0 end
if ARGV[6] == '' then return 1 end
section(2, function(i) redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) end)
section(1, function(i) redis.call('HDEL', KEYS[3], ARGV[i]) end)
section(1, function(i) redis.call('RPUSH', KEYS[4], ARGV[i]) end)
section(2, function(i) redis.call('ZADD', KEYS[5], ARGV[i], ARGV[i + 1]) end)
section(6, function(i)
  redis.call('XADD', KEYS[tonumber(ARGV[i])], '*', 'run', ARGV[3], 'step', ARGV[i + 2], 'attempt', ARGV[i + 3],
    'input', ARGV[i + 4], 'at', ARGV[i + 5])
  redis.call('PUBLISH', ARGV[7], ARGV[i + 1])
end)
if KEYS[6] ~= KEYS[7] then
  redis.call('ZREM', KEYS[6], ARGV[3])
  redis.call('ZADD', KEYS[7], ARGV[4], ARGV[3])
end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 1
