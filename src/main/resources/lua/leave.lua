-- Gives a partition back when nothing is left to do, if it is still owned under this token. Atomic.
-- KEYS 1 owner, 2 inbox, 3 outbox
-- ARGV 1 fencing token
-- Returns { length of the inbox, of the outbox }; both 0: given back, or it has another owner
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 0, 0 } end
local inbox, outbox = redis.call('XLEN', KEYS[2]), redis.call('XLEN', KEYS[3])
if inbox + outbox == 0 then redis.call('DEL', KEYS[1]) end
return { inbox, outbox }
