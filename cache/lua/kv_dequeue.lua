-- Takes messages that are due, and gives them to one reader until their deadline.
--
-- KEYS  1 ready messages (sorted set by ms), 2 running messages (sorted set by deadline in ms),
--       3 messages (hash)
-- ARGV  most messages to take, ms until the deadline
-- Reply { ms until the next message is due or -1, id, payload, id, payload, ... }
-- Atomic because a message must be taken by one reader only and never be in neither set.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  redis.call('ZREM', KEYS[1], id)
  local message = redis.call('HGET', KEYS[3], id)
  if message then
    redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[2]), id)
    taken[#taken + 1] = id
    taken[#taken + 1] = cmsgpack.unpack(message)[1]
  end
end

local next_ready = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
local wait = -1
if next_ready then wait = math.max(0, tonumber(next_ready) - now) end
return { wait, unpack(taken) }
