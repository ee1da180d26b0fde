-- Puts a ranking that was built beside in the place of the one that is read.
--
-- KEYS  1 head, 2 board, 3 records, 4 ties, 5 tie sizes; 6 to 9 the built board, records, ties, sizes
-- ARGV  epoch, rules version, method, direction, offset, time to live in ms
-- Reply 1 when it was taken; 0 when the one that is read stands at this offset or further
-- Atomic because readers must see the old ranking or the new one, and of two nodes that build at the
-- same time the one that read later must win, whichever ends first.

local epoch, version, method, direction, offset, ttl = unpack(ARGV)
local state = redis.pcall('HMGET', KEYS[1], 'epoch', 'version', 'method', 'offset', 'size', 'ties')
local is_same = not state.err
  and state[1] == epoch and state[2] == version and state[3] == method
  and redis.pcall('ZCARD', KEYS[2]) == tonumber(state[5])
  and redis.pcall('HLEN', KEYS[3]) == tonumber(state[5])
  and redis.pcall('ZCARD', KEYS[4]) == tonumber(state[6])
  and redis.pcall('HLEN', KEYS[5]) == tonumber(state[6])
if is_same and tonumber(state[4]) >= tonumber(offset) then
  redis.call('DEL', KEYS[6], KEYS[7], KEYS[8], KEYS[9])
  return 0
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5])
for i = 6, 9 do
  -- A set without members does not exist.
  if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('RENAME', KEYS[i], KEYS[i - 4]) end
end
redis.call('HSET', KEYS[1], 'epoch', epoch, 'version', version, 'method', method,
  'direction', direction, 'offset', offset,
  'size', redis.call('ZCARD', KEYS[2]), 'ties', redis.call('ZCARD', KEYS[4]))
for i = 1, 5 do redis.call('PEXPIRE', KEYS[i], ttl) end
return 1
