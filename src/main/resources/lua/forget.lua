-- Takes answers of models out of a journal and leaves a sign that they were of no use: they are not fetched again from the run
-- that this one was forked from. Atomic; a second time changes nothing.
-- KEYS 1 journal
-- ARGV fields of the answers
-- Returns how many there were
local count = 0
for _, field in ipairs(ARGV) do
  if redis.call('HEXISTS', KEYS[1], field) == 1 then
    redis.call('HSET', KEYS[1], field, '')
    count = count + 1
  end
end
return count
