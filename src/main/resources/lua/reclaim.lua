-- Takes over tasks whose lease has ended. Atomic; what was settled, or what another has taken over by now, is left out.
-- KEYS 1 leases, 2... lanes
-- ARGV 1 consumer group, 2 consumer, 3 lease (ms), 4 consumer of tasks that were given back,
--      then for each task: its lane (index in KEYS), entry id, member of the leases
-- Returns for each task taken over { its number (from 1), delivery count, fields of the entry }; giving back is no delivery
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = {}
for i = 5, #ARGV, 3 do
  local lane, id, member = KEYS[tonumber(ARGV[i])], ARGV[i + 1], ARGV[i + 2]
  local lasted = redis.call('ZSCORE', KEYS[1], member)
  if lasted and tonumber(lasted) <= now then
    local entry = redis.call('XRANGE', lane, id, id)[1]
    local pending = redis.pcall('XPENDING', lane, ARGV[1], id, id, 1)[1]
    if entry and pending then
      local count = pending[4]
      if pending[2] ~= ARGV[4] then count = count + 1 end
      redis.call('XCLAIM', lane, ARGV[1], ARGV[2], 0, id, 'RETRYCOUNT', count, 'JUSTID')
      redis.call('ZADD', KEYS[1], now + ARGV[3], member)
      taken[#taken + 1] = { (i - 2) / 3, count, entry[2] }
    else
      redis.call('ZREM', KEYS[1], member)
      if pending then redis.call('XACK', lane, ARGV[1], id) end
    end
  end
end
return taken
