-- Takes a ranking away.
--
-- KEYS  all of its keys
-- Reply the number of keys there were
-- A script only so that it goes the way of the others, by one slot.

return redis.call('DEL', unpack(KEYS))
