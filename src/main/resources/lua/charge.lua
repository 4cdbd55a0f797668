-- Ends the reservation of an exchange with a model and charges what it cost to budgets and to the totals of the day. Atomic. Each
-- exchange is charged once: the reservation, or for one that had none the mark, tells. What was charged in full because the
-- exchange seemed lost is set right by one who knows better.
-- KEYS 1 reservations, 2 reserved, 3 mark, 4 budgets of the day, 5 budgets of the run, 6 totals of the day
-- ARGV 1 exchange, 2 settled | lost | free (it had no reservation), 3 micro-dollars that were set aside,
--      4 micro-dollars to charge to budgets, 5 row of the totals, 6 row of lost exchanges, 7 ms for which the mark is kept,
--      8 the day's budgets, 9 the run's, 10 the totals,
--      11 calls, 12 input, 13 cached, 14 output tokens, 15 certain, 16 uncertain micro-dollars,
--      then groups of: 4 or 5 (key of the budget), scope
-- Returns 1 charged, 2 set right, 0 it was charged before
local function add(key, field, amount, minus)
  if tonumber(amount) == 0 then return end
  local sum = redis.call('HINCRBY', key, field, (minus and '-' or '') .. amount)
  if sum == 0 then redis.call('HDEL', key, field) end
end
local function each_scope(kind, amount, minus)
  for i = 17, #ARGV, 2 do add(KEYS[tonumber(ARGV[i])], kind .. ARGV[i + 1], amount, minus) end
end
local reply = 1
if ARGV[2] == 'free' then
  if not redis.call('SET', KEYS[3], 'free', 'NX', 'PX', ARGV[7]) then return 0 end
elseif redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  redis.call('HDEL', KEYS[2], ARGV[1])
  each_scope('r|', ARGV[3], true)
  if ARGV[2] == 'lost' then redis.call('SET', KEYS[3], 'lost', 'PX', ARGV[7]) end
elseif ARGV[2] == 'settled' and redis.call('GET', KEYS[3]) == 'lost' then
  redis.call('DEL', KEYS[3])
  each_scope('s|', ARGV[3], true)
  add(KEYS[6], ARGV[6] .. '|u', ARGV[3], true)
  add(KEYS[6], ARGV[6] .. '|n', '1', true)
  reply = 2
else
  return 0
end
each_scope('s|', ARGV[4], false)
for i, kind in ipairs({ 'n', 'i', 'c', 'o', 'm', 'u' }) do add(KEYS[6], ARGV[5] .. '|' .. kind, ARGV[10 + i], false) end
for i = 4, 6 do redis.call('PEXPIRE', KEYS[i], ARGV[i + 4]) end
return reply
