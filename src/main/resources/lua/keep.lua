-- Extends the leases of permits of one limit. Atomic.
-- KEYS 1 holders, 2 state
-- ARGV 1 now (ms since 1970; empty: the server's clock), 2 lease (ms), 3 how long an unused limit is remembered (ms),
--      then groups of: holder, its fencing token
-- Returns for each 1 kept, 0 lost: the lease had ended and the permit was given away, or a later token was given out for it
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local reply = {}
for i = 4, #ARGV, 2 do
  local has = redis.call('HGET', KEYS[2], 't:' .. ARGV[i]) == ARGV[i + 1]
  if has then redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[i]) end
  reply[#reply + 1] = has and 1 or 0
end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return reply
