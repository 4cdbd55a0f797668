-- Finds exchanges with models whose reservation was not ended in time. Changes nothing.
-- KEYS 1 reservations, 2 reserved
-- ARGV 1 now (ms since 1970; empty: the server's clock), 2 how many at most
-- Returns for each its name and what is known of it (JSON), those that ended first first
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local reply = {}
local ended = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[2])
for _, exchange in ipairs(ended) do
  reply[#reply + 1] = exchange
  reply[#reply + 1] = redis.call('HGET', KEYS[2], exchange) or ''
end
return reply
