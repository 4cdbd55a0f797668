-- Sets money aside for one exchange with a model in every budget that holds for it, or in none. Atomic; whoever has a
-- reservation keeps it as it is.
-- KEYS 1 reservations, 2 reserved, 3 budgets of the day, 4 budgets of the run
-- ARGV 1 now (ms since 1970; empty: the server's clock), 2 lease (ms), 3 exchange, 4 micro-dollars, 5 what is known of it (JSON),
--      6 how long the day's budgets are kept (ms), 7 the run's,
--      then groups of: 3 or 4 (key of the budget), scope, its bound in micro-dollars (empty: none)
-- Returns nothing when it is set aside; else of the first budget that does not allow it: its number among the groups (from 1),
--         what is spent of it, what is set aside for others
if redis.call('ZSCORE', KEYS[1], ARGV[3]) then return {} end
local micros = tonumber(ARGV[4])
for i = 8, #ARGV, 3 do
  if ARGV[i + 2] ~= '' then
    local held = redis.call('HMGET', KEYS[tonumber(ARGV[i])], 's|' .. ARGV[i + 1], 'r|' .. ARGV[i + 1])
    local spent, reserved = tonumber(held[1] or '0'), tonumber(held[2] or '0')
    if spent + reserved + micros > tonumber(ARGV[i + 2]) then return { (i - 5) / 3, spent, reserved } end
  end
end
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
for i = 8, #ARGV, 3 do
  local key = tonumber(ARGV[i])
  if micros > 0 then redis.call('HINCRBY', KEYS[key], 'r|' .. ARGV[i + 1], ARGV[4]) end
  redis.call('PEXPIRE', KEYS[key], ARGV[key + 3])
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[3])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[5])
return {}
