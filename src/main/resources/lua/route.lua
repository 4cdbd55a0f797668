-- Hands a CloudEvent in the inbox on to the runs that listen to it. Atomic.
-- KEYS 1 owner, 2 inbox, 3... sets of subscribers
-- ARGV 1 fencing token, 2 entry id, 3 packed event, 4 event for each run
-- Returns how many got it, -1 the partition has another owner, -2 the entry is gone
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
if redis.call('XDEL', KEYS[2], ARGV[2]) == 0 then return -2 end
local given = {}
local count = 0
for i = 3, #KEYS do
  for _, member in ipairs(redis.call('SMEMBERS', KEYS[i])) do
    local run = string.sub(member, 1, string.find(member, '\n', 1, true) - 1)
    if not given[run] then
      given[run] = true
      count = count + 1
      redis.call('XADD', KEYS[2], '*', 'run', run, 'e', ARGV[4], 'd', ARGV[3])
    end
  end
end
return count
