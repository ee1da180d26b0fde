-- Takes tokens of a bucket (GCRA): as many as wanted and there, but no fewer than needed.
--
-- KEYS  1 the bucket (text: the instant in ms at which it is full again; absent: full)
-- ARGV  1 ms a token takes to come back, 2 tokens of a full bucket, 3 tokens needed (below 0: given
--       back), 4 tokens wanted
-- Reply granted, tokens left, ms until full, ms until the needed ones are there
-- Atomic because two nodes must not take the same tokens. The clock is the server's, so that the
-- nodes' own need not agree.

local ROUNDING = 1e-3
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local token_ms, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local needed, wanted = tonumber(ARGV[3]), tonumber(ARGV[4])

local stored = redis.pcall('GET', KEYS[1])
-- Somebody else's value under our key is of no use to anybody.
if type(stored) == 'table' then
  redis.call('DEL', KEYS[1])
  stored = false
end

local bucket_ms = size * token_ms
-- A clock set back must not lock anybody out for longer than an empty bucket takes to fill.
local full_at = math.min(math.max(tonumber(stored or now) or now, now), now + bucket_ms)
local free = math.floor((now + bucket_ms - full_at) / token_ms + ROUNDING)

local granted = 0
if needed < 0 then
  full_at = math.max(now, full_at + needed * token_ms)
elseif free >= needed then
  granted = math.min(wanted, free)
  full_at = full_at + granted * token_ms
end

if full_at > now then
  redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX', math.ceil(full_at - now))
else
  redis.call('DEL', KEYS[1])
end

local left_ms = now + bucket_ms - full_at
local missing_ms = granted > 0 and 0 or math.max(0, needed * token_ms - left_ms)
return {
  granted,
  math.floor(left_ms / token_ms + ROUNDING),
  math.ceil(full_at - now),
  math.ceil(missing_ms),
}
