-- Counts the tasks of a partition anew, forgets lanes that are empty, and makes tenants ready whose tasks nobody knows of. Atomic.
-- KEYS 1 names of the lanes, 2 depth, then for each lane: lane, ready tenants of its function and priority
-- ARGV 1 consumer group, then for each lane: name, tenant
-- Returns { what the depth was too high by, how many tenants were made ready }; nothing when a lane has come meanwhile
local lanes = (#KEYS - 2) / 2
if redis.call('SCARD', KEYS[1]) ~= lanes then return {} end
local depth, roused = 0, 0
for i = 1, lanes do
  local lane, ready, name, tenant = KEYS[2 * i + 1], KEYS[2 * i + 2], ARGV[2 * i], ARGV[2 * i + 1]
  local length = redis.call('XLEN', lane)
  local waits = redis.call('ZSCORE', ready, tenant)
  depth = depth + length
  if length == 0 and not waits then
    redis.call('DEL', lane)
    redis.call('SREM', KEYS[1], name)
  elseif length > 0 and not waits then
    local pending = redis.pcall('XPENDING', lane, ARGV[1])
    if pending.err or pending[1] < length then
      redis.call('ZADD', ready, 0, tenant)
      roused = roused + 1
    end
  end
end
local before = tonumber(redis.call('GET', KEYS[2]) or 0)
if before ~= depth then redis.call('SET', KEYS[2], depth) end
return { before - depth, roused }
