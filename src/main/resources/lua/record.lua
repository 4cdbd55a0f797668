-- Writes what came of calls of a model: an answer, a line of the ledger, or that somebody does not buy an answer any more.
-- Atomic; what is there already is left as it is, so that a second time changes nothing. A line that says that an exchange got
-- lost gives way to the true one.
-- KEYS 1 journal, 2 ledger and 3 run (both left out when the call is of no run; then there is no line)
-- ARGV 1 field of the answer, 2 answer (empty: none), 3 field of who buys it, 4 owner who gives it up (empty: none),
--      5 field of the line in the journal, 6 line (empty: none), 7 1: the line says that the exchange got lost,
--      8 how long both are kept where no run deletes them (ms)
-- Returns the line as it stands now (empty: there is none)
local line = ARGV[6]
local is_new = true
if line ~= '' then
  -- '<number of the line, from 0>', with 'lost ' before it
  local lost, at = string.match(redis.call('HGET', KEYS[1], ARGV[5]) or '', '^(%a*) ?(%d+)$')
  local prefix = ARGV[7] == '1' and 'lost ' or ''
  if not at then
    local number = redis.call('RPUSH', KEYS[2], line) - 1
    redis.call('HSET', KEYS[1], ARGV[5], prefix .. string.format('%.0f', number))
  elseif lost == 'lost' and prefix == '' then
    redis.call('LSET', KEYS[2], at, line)
    redis.call('HSET', KEYS[1], ARGV[5], at)
  else
    is_new = false
    line = redis.call('LINDEX', KEYS[2], at)
  end
end
if is_new and ARGV[2] ~= '' and (redis.call('HGET', KEYS[1], ARGV[1]) or '') == '' then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
if ARGV[4] ~= '' then
  local holder = string.match(redis.call('HGET', KEYS[1], ARGV[3]) or '', '^(%S+) ')
  if holder == ARGV[4] then redis.call('HDEL', KEYS[1], ARGV[3]) end
end
if not KEYS[3] or redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[8])
  if KEYS[2] then redis.call('PEXPIRE', KEYS[2], ARGV[8]) end
end
return line
