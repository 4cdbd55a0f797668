-- Says since when tasks are with a dispatcher. Changes nothing.
-- KEYS 1... lane of each task
-- ARGV 1 consumer group, 2 consumer of tasks that were given back, 3... entry id of each task
-- Returns for each task when it was handed out (ms since 1970, by Redis' clock), -1 when nobody has it
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local since = {}
for i = 1, #KEYS do
  local pending = redis.pcall('XPENDING', KEYS[i], ARGV[1], ARGV[i + 2], ARGV[i + 2], 1)[1]
  since[i] = pending and pending[2] ~= ARGV[2] and now - pending[3] or -1
end
return since
