-- Puts off the deadline of messages whose reader still works on them.
--
-- KEYS  1 running messages (sorted set by deadline in ms)
-- ARGV  ms until the new deadline, ids
-- Reply the number of messages
-- Atomic because a message that was taken away in the meantime must not come back as running.

local time = redis.call('TIME')
local deadline = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]

for i = 2, #ARGV do
  redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', deadline), ARGV[i])
end
return #ARGV - 1
