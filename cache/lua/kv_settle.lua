-- Ends the handling of messages: a handled one goes away, a failed one waits for its next try or,
-- after the last, is stored under its keys for undelivered messages.
--
-- KEYS  1 index, 2 records, 3 expiries, 4 last version, 5 ready messages, 6 messages, 7 channel of
--       changed keys, 8 channel of messages, 9 running messages
-- ARGV  "done" and an id, "failed" and an id, or "overdue" for all whose reader missed the deadline
-- Reply the number of messages that were settled
-- Atomic because a message must not be lost or doubled when its reader dies in between.

local OVERDUE_MAX = 100

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function store_undelivered(keys, payload)
  local version = math.max(
    tonumber(redis.call('GET', KEYS[4]) or 0) + 1,
    time[1] * 1000000 + time[2]
  )
  redis.call('SET', KEYS[4], string.format('%.0f', version))
  local record = string.format('%016x0000', version) .. 'v' .. struct.pack('>d', 0) .. payload
  local parts = {}
  for i, key in ipairs(keys) do
    redis.call('ZADD', KEYS[1], 0, key)
    redis.call('HSET', KEYS[2], key, record)
    redis.call('ZREM', KEYS[3], key)
    parts[i] = struct.pack('>I2', #key) .. key
  end
  redis.call('SPUBLISH', KEYS[7], table.concat(parts))
end

local function fail(id)
  local packed = redis.call('HGET', KEYS[6], id)
  if not packed then return end
  local message = cmsgpack.unpack(packed)
  local payload, waits, keys = message[1], message[2], message[3]
  if #waits > 0 then
    local wait = table.remove(waits, 1)
    redis.call('HSET', KEYS[6], id, cmsgpack.pack({ payload, waits, keys }))
    redis.call('ZADD', KEYS[5], string.format('%.0f', now + wait), id)
    redis.call('SPUBLISH', KEYS[8], '')
    return
  end
  redis.call('HDEL', KEYS[6], id)
  if #keys > 0 then store_undelivered(keys, payload) end
end

local ids = { ARGV[2] }
if ARGV[1] == 'overdue' then
  ids = redis.call('ZRANGEBYSCORE', KEYS[9], '-inf', now, 'LIMIT', 0, OVERDUE_MAX)
end
local settled = 0
for _, id in ipairs(ids) do
  -- A reader that comes back after its deadline has no say any more.
  if redis.call('ZREM', KEYS[9], id) == 1 then
    settled = settled + 1
    if ARGV[1] == 'done' then redis.call('HDEL', KEYS[6], id) else fail(id) end
  end
end
return settled
