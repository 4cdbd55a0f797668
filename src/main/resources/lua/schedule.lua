-- Makes a workflow's schedule what its latest revision says. Atomic; saying the same again moves no due time.
-- KEYS 1 schedules, 2 due, 3 parked, 4 paused, 5 runs of chains, 6 those that listen, 7 collected events of the workflow
-- ARGV 1 workflow, 2 schedule (JSON; empty: none), 3 revision (empty: it starts by no event),
--      4 the member that is a chain, whose next time is known when its run ends,
--      then groups of: member, due at (ms since 1970; empty: never)
-- Returns 1 changed, 0 it was the same
if ARGV[3] == '' then redis.call('HDEL', KEYS[6], ARGV[1]) else redis.call('HSET', KEYS[6], ARGV[1], ARGV[3]) end
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') == ARGV[2] then return 0 end
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[4], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
redis.call('DEL', KEYS[7])
local target = redis.call('HEXISTS', KEYS[4], ARGV[1]) == 1 and KEYS[3] or KEYS[2]
for i = 5, #ARGV, 2 do
  local member = ARGV[i]
  local waits = redis.call('ZREM', KEYS[2], member) + redis.call('ZREM', KEYS[3], member)
  local under_way = member == ARGV[4] and waits == 0 and redis.call('HEXISTS', KEYS[5], member) == 1
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[5], member)
  elseif not under_way then
    redis.call('ZADD', target, ARGV[i + 1], member)
  end
end
return 1
