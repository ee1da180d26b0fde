-- Reads ranges of a store as they stand at one moment, expired entries left out.
--
-- KEYS  1 index (sorted set of encoded keys), 2 records (hash of encoded key -> record)
-- ARGV  for each range: first key (included), end key (excluded), limit, "1" to read backwards
-- Reply { server time in ms, { key, record, key, record, ... } for each range }
-- A range of one point (end = first key and a zero byte) is looked up without the index.
-- Atomic because all ranges of one call must show the same moment, and an entry of the index must
-- not lose its record between the two reads.

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- A record is 20 hex digits of versionstamp, one letter of kind, its expiry in ms, the payload.
local function is_alive(record)
  if not record then return false end
  local expires_at = struct.unpack('>d', record, 22)
  return expires_at == 0 or expires_at > now
end

local function page(first, last, limit, backwards)
  if backwards then
    return redis.call('ZREVRANGEBYLEX', KEYS[1], last, first, 'LIMIT', 0, limit)
  end
  return redis.call('ZRANGEBYLEX', KEYS[1], first, last, 'LIMIT', 0, limit)
end

local function scan(first, last, limit, backwards)
  local found = {}
  while true do
    local wanted = limit - #found / 2
    local keys = page(first, last, wanted, backwards)
    if #keys == 0 then return found end
    local records = redis.call('HMGET', KEYS[2], unpack(keys))
    for i, key in ipairs(keys) do
      if is_alive(records[i]) then
        found[#found + 1] = key
        found[#found + 1] = records[i]
      end
    end
    if #keys < wanted or #found / 2 >= limit then return found end
    if backwards then last = '(' .. keys[#keys] else first = '(' .. keys[#keys] end
  end
end

local reply = { now }
for i = 1, #ARGV, 4 do
  local first, last, limit = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  if last == first .. '\0' then
    local record = redis.call('HGET', KEYS[2], first)
    reply[#reply + 1] = is_alive(record) and { first, record } or {}
  else
    reply[#reply + 1] = scan('[' .. first, '(' .. last, limit, ARGV[i + 3] == '1')
  end
end
return reply
