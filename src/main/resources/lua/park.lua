-- Pauses or resumes a workflow's schedule. Atomic; repeating it changes nothing.
-- KEYS 1 schedules, 2 due, 3 parked, 4 paused
-- ARGV 1 workflow, 2 paused at (ms since 1970; empty: resume), 3 now (ms since 1970),
--      then groups of: member, due at (ms since 1970) if its time has passed
-- Returns 1 done, 0 the workflow has no schedule
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
local from, to = KEYS[3], KEYS[2]
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[4], ARGV[1])
else
  redis.call('HSETNX', KEYS[4], ARGV[1], ARGV[2])
  from, to = KEYS[2], KEYS[3]
end
for i = 4, #ARGV, 2 do
  local at = redis.call('ZSCORE', from, ARGV[i])
  if at then
    if ARGV[2] == '' and tonumber(at) <= tonumber(ARGV[3]) then at = ARGV[i + 1] end
    redis.call('ZREM', from, ARGV[i])
    redis.call('ZADD', to, at, ARGV[i])
  end
end
return 1
