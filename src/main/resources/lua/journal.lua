-- Asks whether a call of a model has an answer, else takes it on for the caller. Atomic; the same owner may ask twice.
-- KEYS 1 journal, 2 run (left out when the call is of none)
-- ARGV 1 now (ms since 1970; empty: the server's clock), 2 field of the answer, 3 field of who buys it, 4 owner, 5 lease (ms),
--      6 how long the journal is kept where no run deletes it (ms)
-- Returns the answer | 1 it is the caller's to buy | 2 the same, and an answer was found to be of no use before
--         | minus the ms (at least 1) for which somebody else has it
local answer = redis.call('HGET', KEYS[1], ARGV[2])
if answer and answer ~= '' then return answer end
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
-- '<owner> <ms since 1970 at which its lease ends>'
local holder, ends = string.match(redis.call('HGET', KEYS[1], ARGV[3]) or '', '^(%S+) (%d+)$')
if holder and holder ~= ARGV[4] and tonumber(ends) > now then return now - tonumber(ends) end
redis.call('HSET', KEYS[1], ARGV[3], ARGV[4] .. ' ' .. string.format('%.0f', now + ARGV[5]))
if not KEYS[2] or redis.call('EXISTS', KEYS[2]) == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
return answer and 2 or 1
