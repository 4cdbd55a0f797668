-- Ends deliveries: acknowledges and removes each task, and puts its result into the inbox. Atomic; the first result of a task wins.
-- KEYS 1 inbox, 2 leases, 3 depth, 4... lanes
-- ARGV 1 consumer group, 2 channel of hints, 3 hint, then for each delivery:
--      its lane (index in KEYS), entry id, member of the leases, run id, event (empty: there is nothing to tell the run), packed data
-- Returns for each delivery 1 settled, 0 the task had been settled before
local rested = redis.call('XLEN', KEYS[1]) == 0
local told, outcomes, lanes, gone, leases = false, {}, {}, {}, {}
for i = 4, #ARGV, 6 do
  local lane = KEYS[tonumber(ARGV[i])]
  local first = redis.call('XACK', lane, ARGV[1], ARGV[i + 1])
  if first == 1 then
    if not gone[lane] then
      lanes[#lanes + 1] = lane
      gone[lane] = {}
    end
    table.insert(gone[lane], ARGV[i + 1])
    leases[#leases + 1] = ARGV[i + 2]
    if ARGV[i + 4] ~= '' then
      redis.call('XADD', KEYS[1], '*', 'run', ARGV[i + 3], 'e', ARGV[i + 4], 'd', ARGV[i + 5])
      told = true
    end
  end
  outcomes[#outcomes + 1] = first
end
-- All names at once; in steps, since Lua's stack holds some thousand values.
local function remove(command, key, names)
  for i = 1, #names, 4000 do redis.call(command, key, unpack(names, i, math.min(i + 3999, #names))) end
end
for _, lane in ipairs(lanes) do remove('XDEL', lane, gone[lane]) end
remove('ZREM', KEYS[2], leases)
if #leases > 0 then redis.call('DECRBY', KEYS[3], #leases) end
-- Who takes in an inbox goes on until it is empty; a hint that was lost is made good by the sweep.
if told and rested then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return outcomes
