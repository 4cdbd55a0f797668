-- Reserves of a rate, now or as soon as there is room. Atomic. In no window of time is more used than the rate allows: what was
-- reserved in a slot is free again when the whole slot has left the window.
-- KEYS 1 used, 2 booked
-- ARGV 1 now (ms since 1970; empty: the server's clock), 2 length of a slot (ms), 3 slots of the window,
--      4 how many slots ahead may be booked, 5 requests a window (0: any number), 6 tokens a window (0: any number),
--      then groups of: requests, tokens, who may book ahead (empty: nobody; what it had booked is given back by this);
--      neither amount is more than a window's
-- Returns for each the slot (-1: none is free within those that may be booked), and the ms until it, or until one is free
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local length, n, ahead = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local current = math.floor(now / length)
local last = current + ahead + 2 * n + 2
-- Of those who did not come in time nothing is left but what they had booked, until it leaves the window.
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', current - n)
local slots = { r = {}, t = {} }
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local slot = tonumber(string.sub(fields[i], 2))
  if slot < current - n then
    redis.call('HDEL', KEYS[1], fields[i])
  else
    slots[string.sub(fields[i], 1, 1)][slot] = tonumber(fields[i + 1])
  end
end
-- What is used in the window that ends with each slot; one slot more than it is long, since it begins within one.
local function windows(used)
  local sums, sum = {}, 0
  for slot = current - n, last do
    sum = sum + (used[slot] or 0) - (used[slot - n - 1] or 0)
    sums[slot] = sum
  end
  return sums
end
local kinds = {
  { name = 'r', max = tonumber(ARGV[5]), used = windows(slots.r) },
  { name = 't', max = tonumber(ARGV[6]), used = windows(slots.t) }
}
local function add(kind, slot, amount)
  if amount == 0 then return end
  redis.call('HINCRBY', KEYS[1], kind.name .. string.format('%.0f', slot), string.format('%.0f', amount))
  slots[kind.name][slot] = (slots[kind.name][slot] or 0) + amount
  for i = math.max(slot, current - n), math.min(slot + n, last) do kind.used[i] = kind.used[i] + amount end
end
local function has_room(slot, amounts)
  for k, kind in ipairs(kinds) do
    if kind.max > 0 and amounts[k] > 0 and kind.used[slot] + amounts[k] > kind.max then return false end
  end
  return true
end
local reply = {}
for i = 7, #ARGV, 3 do
  local amounts = { tonumber(ARGV[i]), tonumber(ARGV[i + 1]) }
  local who = ARGV[i + 2]
  local booked = who ~= '' and tonumber(redis.call('ZSCORE', KEYS[2], who) or nil)
  if booked then
    redis.call('ZREM', KEYS[2], who)
    for k, kind in ipairs(kinds) do add(kind, booked, -math.min(amounts[k], slots[kind.name][booked] or 0)) end
  end
  -- The amount counts in every window that the slot is in: the first slot that is good for all of them.
  local slot, at = current, current
  while at <= math.min(slot + n, last) do
    if has_room(at, amounts) then at = at + 1 else slot, at = at + 1, at + 1 end
  end
  if slot == current or who ~= '' and slot - current <= ahead then
    for k, kind in ipairs(kinds) do add(kind, slot, amounts[k]) end
    if slot > current then redis.call('ZADD', KEYS[2], slot, who) end
    reply[#reply + 1] = slot
  else
    reply[#reply + 1] = -1
  end
  reply[#reply + 1] = math.max(0, slot * length - now)
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, (ahead + 2 * n + 2) * length) end
return reply
