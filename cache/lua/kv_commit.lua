-- Commits checks, mutations and messages as one: all of them or none.
--
-- KEYS  1 index, 2 records, 3 expiries (sorted set by ms), 4 last version, 5 ready messages (sorted
--       set by ms), 6 messages (hash), 7 channel of changed keys, 8 channel of messages
-- ARGV  number of checks, for each: key, versionstamp or ""
--       number of mutations, for each: key, operation, kind, payload, expiry in ms or ""
--       number of messages, for each: payload, delay in ms, number of retries, their waits in ms,
--       number of keys if undelivered, these keys
-- Reply the versionstamp of the commit, or nil when a check failed;
--       error KVTYPE when a number operation meets another type
-- Atomic because checks must hold while the mutations are written, and every key of a commit must
-- show the same versionstamp. A script does not roll back, so that everything is computed first.

local PURGED_MAX = 1000
-- The last instant that Deno can tell, end of the year 262142.
local EXPIRY_MAX = 8210266876799999

local cursor = 0
local function take()
  cursor = cursor + 1
  return ARGV[cursor]
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- What the commit has written so far: key -> record, or false where it is deleted.
local written = {}

local function current(key)
  if written[key] ~= nil then return written[key] end
  local record = redis.call('HGET', KEYS[2], key)
  if not record then return false end
  local expires_at = struct.unpack('>d', record, 22)
  if expires_at ~= 0 and expires_at <= now then return false end
  return record
end

for _ = 1, tonumber(take()) do
  local key, versionstamp = take(), take()
  local record = current(key)
  if (record and record:sub(1, 20) or '') ~= versionstamp then return false end
end

-- Microseconds of the server, so that versions rise even when the server was emptied.
local version = math.max(
  tonumber(redis.call('GET', KEYS[4]) or 0) + 1,
  time[1] * 1000000 + time[2]
)
local versionstamp = string.format('%016x0000', version)

-- Numbers of 64 bits are 8 bytes, most significant first; Lua's own numbers end at 2^53.
local function add(a, b)
  local bytes, carry = {}, 0
  for i = 8, 1, -1 do
    local sum = a:byte(i) + b:byte(i) + carry
    bytes[i] = string.char(sum % 256)
    carry = math.floor(sum / 256)
  end
  return table.concat(bytes)
end

local function is_less(a, b)
  for i = 1, 8 do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) end
  end
  return false
end

local COMBINE = {
  sum = add,
  min = function(a, b) return is_less(b, a) and b or a end,
  max = function(a, b) return is_less(a, b) and b or a end,
}

-- Kinds of an operand: u = KvU64, i = another bigint of 64 bits, n = number, v = anything else.
local function operand_fault(operation, kind)
  if operation == 'sum' and kind == 'n' then return 'Cannot sum KvU64 with Number' end
  if operation == 'sum' and kind == 'i' then return nil end
  if operation == 'sum' then return 'Some of the parameters are not valid V8 values' end
  return "Failed to perform '" .. operation .. "' mutation on a non-U64 operand"
end

local function combine(operation, key, kind, payload)
  if kind ~= 'u' then
    local fault = operand_fault(operation, kind)
    if fault then return nil, fault end
  end
  local record = current(key)
  if not record then
    if kind == 'i' then return nil, 'Cannot sum values other than KvU64' end
    return payload
  end
  if record:sub(21, 21) ~= 'u' then
    return nil, "Failed to perform '" .. operation
      .. "' mutation on a non-U64 value in the database"
  end
  return COMBINE[operation](record:sub(30), payload)
end

local touched = {}
for _ = 1, tonumber(take()) do
  local key, operation, kind, payload, expires_in = take(), take(), take(), take(), take()
  local expires_at = 0
  if expires_in ~= '' then expires_at = now + tonumber(expires_in) end
  if expires_at > EXPIRY_MAX then
    return redis.error_reply('KVTYPE Invalid mutation: expireIn is too large: ' .. expires_in)
  end
  if operation == 'suffix' then key = key .. '\2' .. versionstamp .. '\0' end
  if written[key] == nil then touched[#touched + 1] = key end
  if operation == 'delete' then
    written[key] = false
  else
    if COMBINE[operation] then
      local fault
      payload, fault = combine(operation, key, kind, payload)
      if fault then return redis.error_reply('KVTYPE ' .. fault) end
      kind = 'u'
    end
    written[key] = versionstamp .. kind .. struct.pack('>d', expires_at) .. payload
  end
end

redis.call('SET', KEYS[4], string.format('%.0f', version))
for _, key in ipairs(touched) do
  local record = written[key]
  redis.call('ZREM', KEYS[3], key)
  if record then
    redis.call('ZADD', KEYS[1], 0, key)
    redis.call('HSET', KEYS[2], key, record)
    local expires_at = struct.unpack('>d', record, 22)
    if expires_at ~= 0 then redis.call('ZADD', KEYS[3], string.format('%.0f', expires_at), key) end
  else
    redis.call('ZREM', KEYS[1], key)
    redis.call('HDEL', KEYS[2], key)
  end
end

-- Readers hide what expired; writers clear it away, a part at a time.
local expired = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, PURGED_MAX)
if #expired > 0 then
  redis.call('ZREM', KEYS[3], unpack(expired))
  redis.call('ZREM', KEYS[1], unpack(expired))
  redis.call('HDEL', KEYS[2], unpack(expired))
end

if #touched > 0 then
  local parts = {}
  for i, key in ipairs(touched) do parts[i] = struct.pack('>I2', #key) .. key end
  redis.call('SPUBLISH', KEYS[7], table.concat(parts))
end

local messages = tonumber(take())
for i = 1, messages do
  local payload, delay, waits, keys = take(), tonumber(take()), {}, {}
  for j = 1, tonumber(take()) do waits[j] = tonumber(take()) end
  for j = 1, tonumber(take()) do keys[j] = take() end
  local id = versionstamp .. string.format(':%04d', i)
  redis.call('HSET', KEYS[6], id, cmsgpack.pack({ payload, waits, keys }))
  redis.call('ZADD', KEYS[5], string.format('%.0f', now + delay), id)
end
if messages > 0 then redis.call('SPUBLISH', KEYS[8], '') end

return versionstamp
