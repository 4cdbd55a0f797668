-- Keeps pending entries with their consumer: sets their idle time to zero. Entries that another consumer has are left alone.
-- KEYS 1 lane
-- ARGV 1 consumer group, 2 consumer, 3... entry ids
-- Returns how many were kept
local kept = 0
for i = 3, #ARGV do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if #pending == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
    kept = kept + 1
  end
end
return kept
