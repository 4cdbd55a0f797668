-- No script of its own: the scripts that say `-- with letters` begin with it, and each is atomic.
-- letters(records, index, counts, id, record): removes the dead letter `id` where there is one, then files `record`.
--   records, index, counts: keys of the partition; record: JSON with `at` (ms since 1970) and `facets`, or '' to file none.
--   Each facet makes a member of the index, `<facet>\n<at, 15 digits>\n<id>`, and is counted.
-- Returns the record that was there, or false.
local function letters(records, index, counts, id, record)
  local function each(text, act)
    local read = cjson.decode(text)
    for _, facet in ipairs(read.facets) do act(facet, facet .. '\n' .. string.format('%015.0f', read.at) .. '\n' .. id) end
  end
  local known = redis.call('HGET', records, id)
  if known then
    each(known, function(facet, member)
      redis.call('ZREM', index, member)
      if redis.call('HINCRBY', counts, facet, -1) <= 0 then redis.call('HDEL', counts, facet) end
    end)
    redis.call('HDEL', records, id, 'redriven\n' .. id)
  end
  if record ~= '' then
    redis.call('HSET', records, id, record)
    each(record, function(facet, member)
      redis.call('ZADD', index, 0, member)
      redis.call('HINCRBY', counts, facet, 1)
    end)
  end
  return known
end
