-- with letters
-- Commits transitions of runs of one partition, each of them whole or not at all: takes in its events, writes the delta, appends
-- history and transcript, enqueues tasks, sets and clears timers, keeps and loads items of loops, subscribes, and hands on what
-- others are to do. Atomic.
-- KEYS 1 owner, 2 highest fencing token, 3 inbox, 4 timers, 5 outbox, 6 index of ended runs, 7 approvals that are asked for,
--      8 what they ask, 9... what the operations name by its index in KEYS
-- ARGV 1 fencing token, 2 ownership in ms, 3 channel of changes, 4 channel of hints, then for each run:
--      run id, index of the run, version that the transition started from, accepted at (ms since 1970), and two lists, each a count followed by that many:
--      inbox entry id | operation with its arguments, their number second: see the table below
-- Returns for each run 1 committed, 0 its events had been taken in before, -2 it has another version;
--      or -1 alone: the partition has another owner, or had one that wrote since
local owner = redis.call('GET', KEYS[1])
-- An ownership that ended still counts while nobody has taken the partition since.
if owner ~= ARGV[1] and (owner or redis.call('GET', KEYS[2]) ~= ARGV[1]) then return -1 end
-- First a write that needs no memory: a Redis that is full lets the rest pass, so that what is under way goes on.
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])

local INBOX, TIMERS, OUTBOX, ENDED, ASKED, REQUESTS = KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local run, hash, accepted
local hints, hinted, changed = {}, {}, {}
local function key(i) return KEYS[tonumber(ARGV[i])] end
local function deliver(event, data) redis.call('XADD', INBOX, '*', 'run', run, 'e', event, 'd', data) end
local function hint(text)
  if hinted[text] then return end
  hinted[text] = true
  hints[#hints + 1] = text
end
-- The arguments from..to go to the command together; in steps, since Lua's stack holds some thousand values.
local function all(command, name, from, to)
  for i = from, to, 4000 do redis.call(command, name, unpack(ARGV, i, math.min(i + 3999, to))) end
end
local function each(width, from, to, work) for i = from, to, width do work(i) end end

-- Operation to what it does with ARGV[from..to].
local operations = {
  -- hint
  hint = function(from, to) hint(ARGV[from]) end,
  -- events held back, events to hold back...
  hold = function(from, to) all('RPUSH', key(from), from + 1, to) end,
  -- events held back
  release = function(from, to)
    for _, entry in ipairs(redis.call('LRANGE', key(from), 0, -1)) do
      local cut = string.find(entry, '\n', 1, true)
      deliver(string.sub(entry, 1, cut - 1), string.sub(entry, cut + 1))
    end
    redis.call('DEL', key(from))
  end,
  -- field, value ...: the run has changed
  set = function(from, to)
    changed[#changed + 1] = run
    all('HSET', hash, from, to)
  end,
  -- field ...
  unset = function(from, to) all('HDEL', hash, from, to) end,
  -- how many visits of steps began
  visits = function(from, to) redis.call('HINCRBY', hash, 'visits', ARGV[from]) end,
  -- history or transcript, entry ...
  append = function(from, to) all('RPUSH', key(from), from + 1, to) end,
  -- timer ...
  clear = function(from, to) all('ZREM', TIMERS, from, to) end,
  -- due at (ms since 1970), timer ...
  timers = function(from, to) all('ZADD', TIMERS, from, to) end,
  -- index of the lane, of the ready tenants (the resting ones come next), of the depth (the names of the lanes come next),
  -- name of the lane, tenant, hint, step, attempt, packed input, enqueued at (ms since 1970), more fields (JSON) ...
  tasks = function(from, to)
    each(11, from, to, function(i)
      local ready, tenant = key(i + 1), ARGV[i + 4]
      local entry = redis.call('XADD', key(i), '*', 'run', run, 'step', ARGV[i + 6], 'attempt', ARGV[i + 7],
        'input', ARGV[i + 8], 'at', ARGV[i + 9], 'more', ARGV[i + 10])
      redis.call('HSET', hash, 't:' .. ARGV[i + 6], entry .. ' ' .. ARGV[i + 3])
      redis.call('INCR', key(i + 2))
      if not redis.call('ZSCORE', ready, tenant) then
        local resting, names = KEYS[ARGV[i + 1] + 1], KEYS[ARGV[i + 2] + 1]
        local lowest, pass = redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')[2], 0
        -- Who is new begins where the others are; who was ahead of them a moment ago, where it was.
        if lowest then pass = math.max(tonumber(lowest), tonumber(redis.call('ZSCORE', resting, tenant) or 0)) end
        redis.call('ZADD', ready, pass, tenant)
        redis.call('ZREM', resting, tenant)
        redis.call('SADD', names, ARGV[i + 3])
        if not lowest then hint(ARGV[i + 5]) end
      end
    end)
  end,
  -- items, field, packed items ...
  keep = function(from, to) all('HSET', key(from), from + 1, to) end,
  -- items, field ...
  drop = function(from, to) all('HDEL', key(from), from + 1, to) end,
  -- items, then field, event for the inbox ...
  load = function(from, to)
    each(2, from + 1, to, function(i) deliver(ARGV[i + 1], redis.call('HGET', key(from), ARGV[i]) or '[]') end)
  end,
  -- event for the inbox ...
  deliver = function(from, to) each(1, from, to, function(i) deliver(ARGV[i], '') end) end,
  -- subscribers, correlations, from, member ...
  unsubscribe = function(from, to)
    each(4, from, to, function(i)
      if redis.call('SREM', key(i), ARGV[i + 3]) == 1
          and redis.call('HINCRBY', key(i + 1), ARGV[i + 2], -1) <= 0 then
        redis.call('HDEL', key(i + 1), ARGV[i + 2])
      end
    end)
  end,
  -- the same
  subscribe = function(from, to)
    each(4, from, to, function(i)
      if redis.call('SADD', key(i), ARGV[i + 3]) == 1 then redis.call('HINCRBY', key(i + 1), ARGV[i + 2], 1) end
    end)
  end,
  -- approval that is not asked for any more ...
  answered = function(from, to)
    all('ZREM', ASKED, from, to)
    all('HDEL', REQUESTS, from, to)
  end,
  -- asked at (ms since 1970), approval, packed event that asks ...
  asked = function(from, to)
    each(3, from, to, function(i)
      redis.call('ZADD', ASKED, ARGV[i], ARGV[i + 1])
      redis.call('HSET', REQUESTS, ARGV[i + 1], ARGV[i + 2])
    end)
  end,
  -- kind, attributes (JSON), packed data ...
  outbox = function(from, to)
    each(3, from, to, function(i)
      redis.call('XADD', OUTBOX, '*', 'run', run, 'kind', ARGV[i], 'a', ARGV[i + 1], 'd', ARGV[i + 2])
    end)
  end,
  -- index of runs by status or attribute ...
  leave = function(from, to) each(1, from, to, function(i) redis.call('ZREM', key(i), run) end) end,
  -- the same
  join = function(from, to) each(1, from, to, function(i) redis.call('ZADD', key(i), accepted, run) end) end,
  -- records, index, counts of the dead letters, record of the run's letter (empty: it has none any more)
  letter = function(from, to) letters(key(from), key(from + 1), key(from + 2), run, ARGV[from + 3]) end,
  -- ended at (ms since 1970; empty: it goes on)
  ended = function(from, to)
    if ARGV[from] == '' then redis.call('ZREM', ENDED, run) else redis.call('ZADD', ENDED, ARGV[from], run) end
  end,
}

local outcomes = {}
local at = 5
while at <= #ARGV do
  run, hash, accepted = ARGV[at], key(at + 1), ARGV[at + 3]
  local entries = tonumber(ARGV[at + 4])
  local first = at + 5
  local operation = first + entries + 1
  local count = tonumber(ARGV[operation - 1])
  local outcome = 1
  if redis.call('HGET', hash, 'version') ~= ARGV[at + 2] then
    outcome = -2
  else
    local taken = 0
    for i = first, first + entries - 1 do taken = taken + redis.call('XDEL', INBOX, ARGV[i]) end
    if taken == 0 then outcome = 0 end
  end
  for i = 1, count do
    local to = operation + 1 + tonumber(ARGV[operation + 1])
    if outcome == 1 then operations[ARGV[operation]](operation + 2, to) end
    operation = to + 1
  end
  outcomes[#outcomes + 1] = outcome
  at = operation
end
for _, text in ipairs(hints) do redis.call('PUBLISH', ARGV[4], text) end
if #changed > 0 then redis.call('PUBLISH', ARGV[3], table.concat(changed, ' ')) end
return outcomes
