-- Moves on a schedule whose run was started. Atomic; only if nobody has moved it before.
-- KEYS 1 due
-- ARGV 1 member, 2 due at (ms since 1970) as it was read, 3 next due at (ms since 1970; empty: not known yet)
-- Returns 1 moved, 0 it had been moved before
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not at or tonumber(at) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == '' then redis.call('ZREM', KEYS[1], ARGV[1]) else redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1]) end
return 1
