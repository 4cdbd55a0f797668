-- Moves due timers into the inbox. Atomic.
-- KEYS 1 timers, 2 inbox, 3 outbox
-- ARGV 1 now (ms since 1970), 2 how many at most
-- Returns the length of inbox and outbox together afterwards, and how many timers were moved
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, timer in ipairs(due) do
  local cut = string.find(timer, '\n', 1, true)
  -- First, because it needs no memory: a Redis that is full lets the rest pass then.
  redis.call('ZREM', KEYS[1], timer)
  redis.call('XADD', KEYS[2], '*', 'run', string.sub(timer, 1, cut - 1), 'e', string.sub(timer, cut + 1), 'd', '')
end
return { redis.call('XLEN', KEYS[2]) + redis.call('XLEN', KEYS[3]), #due }
