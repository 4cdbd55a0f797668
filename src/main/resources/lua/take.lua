-- Hands out tasks of one function: by priority with ageing, within a priority to the tenant with the lowest pass. Atomic.
-- KEYS 1 dispatcher of the partition, 2 leases, 3-5 ready tenants of high, normal, low, 6-8 resting tenants of high, normal, low,
--      9... lanes that may be read
-- ARGV 1 fencing token (empty: not asked for), 2 consumer group, 3 consumer, 4 how many at most, 5 lease (ms),
--      6-8 what counts as waited less (ms), of high, normal, low, 9 '1' when another tenant waits elsewhere,
--      then for each lane: priority (1 to 3), tenant, name, weight, how many it may have while others wait
-- Returns { state, { priority, tenant, ... who is next }, { number of the lane, its entries, ... } };
--         state 0 nothing is left, 1 something is, 2 something is whose lane was not given, -1 another dispatcher has the partition
local LOOK_AGAIN = 8 -- tasks after which it is asked again which priority goes first
local group, consumer, most = ARGV[2], ARGV[3], tonumber(ARGV[4])
if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then return { -1, {}, {} } end
local lanes = { {}, {}, {} }
for i = 9, #KEYS do
  local a = 10 + (i - 9) * 5
  lanes[tonumber(ARGV[a])][ARGV[a + 1]] = { key = KEYS[i], number = i - 8, name = ARGV[a + 2],
    weight = tonumber(ARGV[a + 3]), room = tonumber(ARGV[a + 4]) }
end

local ready, contested, cut, someone = {}, ARGV[9] == '1', false, nil
for p = 1, 3 do
  local flat = redis.call('ZRANGE', KEYS[2 + p], 0, most, 'WITHSCORES')
  ready[p] = {}
  cut = cut or #flat > 2 * most
  for i = 1, #flat, 2 do
    ready[p][#ready[p] + 1] = { name = flat[i], pass = tonumber(flat[i + 1]) }
    if someone and someone ~= flat[i] then contested = true end
    someone = flat[i]
  end
end

-- Nothing of its lane waits any more. Its pass is kept while others wait, so that who comes back is not first again.
local function rest(p, i)
  local tenant = table.remove(ready[p], i)
  redis.call('ZREM', KEYS[2 + p], tenant.name)
  local next = ready[p][1]
  if not next then
    redis.call('DEL', KEYS[5 + p])
  else
    redis.call('ZADD', KEYS[5 + p], tenant.pass, tenant.name)
    redis.call('ZREMRANGEBYSCORE', KEYS[5 + p], '-inf', '(' .. next.pass)
  end
end

-- When the first task that nobody has was enqueued, in ms since 1970; nil when there is none.
local function head(lane)
  local groups = redis.pcall('XINFO', 'GROUPS', lane.key)
  local from = '-'
  if not groups.err then
    for _, one in ipairs(groups) do
      for f = 1, #one, 2 do
        if one[f] == 'last-delivered-id' then from = '(' .. one[f + 1] end
      end
    end
  end
  local entry = redis.call('XRANGE', lane.key, from, '+', 'COUNT', 1)[1]
  if not entry then return nil end
  for f = 1, #entry[2], 2 do
    if entry[2][f] == 'at' then return tonumber(entry[2][f + 1]) or 0 end
  end
  return 0
end

local missing = false
-- Index of the tenant whose turn it is; nil when none of this priority may take.
local function turn(p)
  for i, tenant in ipairs(ready[p]) do
    local lane = lanes[p][tenant.name]
    if not lane then
      missing = true
      return nil
    end
    if not contested or lane.room > 0 then return i end
  end
end

-- Priority and index of the tenant who goes first.
local function first()
  local several = (#ready[1] > 0 and 1 or 0) + (#ready[2] > 0 and 1 or 0) + (#ready[3] > 0 and 1 or 0) > 1
  local best, index, rank
  for p = 1, 3 do
    local i = turn(p)
    while several and i do
      local at = head(lanes[p][ready[p][i].name])
      if at then
        at = at + tonumber(ARGV[5 + p])
        if not rank or at < rank then best, index, rank = p, i, at end
        break
      end
      rest(p, i)
      i = turn(p)
    end
    if not several and i then return p, i end
  end
  return best, index
end

local function read(lane, count)
  local reply = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', lane.key, '>')
  if reply and reply.err then
    if not string.find(reply.err, 'NOGROUP', 1, true) then error(reply.err) end
    redis.call('XGROUP', 'CREATE', lane.key, group, '0', 'MKSTREAM')
    reply = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', lane.key, '>')
  end
  return reply and reply[1][2] or {}
end

local time = redis.call('TIME')
local lasts = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[5]
local taken, handed = 0, {}
while taken < most do
  local p, i = first()
  if missing or not p then break end
  local tenant = ready[p][i]
  local lane = lanes[p][tenant.name]
  local count = most - taken
  if contested then count = math.min(count, lane.room) end
  if #ready[p] < #ready[1] + #ready[2] + #ready[3] then count = math.min(count, LOOK_AGAIN) end
  local behind = ready[p][i + 1]
  if behind then count = math.min(count, math.max(0, math.floor((behind.pass - tenant.pass) * lane.weight)) + 1) end
  local entries = read(lane, count)
  if #entries > 0 then
    local leases = {}
    for e, entry in ipairs(entries) do
      leases[2 * e - 1] = lasts
      leases[2 * e] = entry[1] .. ' ' .. lane.name
    end
    redis.call('ZADD', KEYS[2], unpack(leases))
    handed[#handed + 1] = lane.number
    handed[#handed + 1] = entries
    taken = taken + #entries
    lane.room = lane.room - #entries
    tenant.pass = tenant.pass + #entries / lane.weight
  end
  if #entries < count then
    rest(p, i)
  else
    redis.call('ZADD', KEYS[2 + p], tenant.pass, tenant.name)
    while ready[p][i + 1] and ready[p][i + 1].pass <= tenant.pass do
      ready[p][i], ready[p][i + 1] = ready[p][i + 1], tenant
      i = i + 1
    end
  end
end

local next = {}
for p = 1, 3 do
  for _, tenant in ipairs(ready[p]) do
    next[#next + 1] = p
    next[#next + 1] = tenant.name
  end
end
return { missing and 2 or (cut or #next > 0) and 1 or 0, next, handed }
