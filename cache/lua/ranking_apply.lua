-- Puts members of a ranking where they belong: a change that follows the log, or a part of a ranking
-- that is being built.
--
-- KEYS  1 head (hash: epoch, version, method, direction, offset, size, ties), 2 board (sorted set of members),
--       3 records (hash of participant -> record), 4 ties (sorted set), 5 tie sizes (hash)
-- ARGV  mode ("follow" or "build"), epoch, rules version, from, to, method, time to live in ms,
--       number of moves asked for, their participants, then participant and record for each member
--       (an empty record takes the participant off)
-- Reply { "gap" }, { "known" }, or { "applied", rank before, rank after, ... } with 0 for no rank
-- Atomic because the guard, the members and the new offset must be one step: two nodes may bring the
-- same entries, and a reader must never see half of a change. A record is "key member[ more]".
-- Numbers stay text, since Lua would round them.

local mode, epoch, version, from, to, method, ttl = unpack(ARGV, 1, 7)
local head, board, records, ties, sizes = unpack(KEYS)
local unranked = 1152921504606846976

local function tie_of(key, member)
  return key .. ' ' .. string.match(member, '^(%x*):')
end

-- Places of equal members are neighbours, so that halving finds where a tie begins and ends.
local function edge(place, tie, step)
  local limit = step < 0 and 0 or redis.call('ZCARD', board) - 1
  local function is_same(at)
    local found = redis.call('ZRANGE', board, at, at, 'WITHSCORES')
    return tie_of(found[2], found[1]) == tie
  end
  local known, width = place, 1
  while known ~= limit do
    local next_place = known + step * width
    if (limit - next_place) * step < 0 then next_place = limit end
    if is_same(next_place) then
      known, width = next_place, width * 2
    elseif next_place == known + step then
      return known
    else
      limit, width = next_place - step, 1
    end
  end
  return known
end

local function rank_of(participant)
  local record = redis.call('HGET', records, participant)
  if not record then return 0 end
  local key, member = string.match(record, '^(%S+) (%S+)')
  if tonumber(key) >= unranked then return 0 end
  local place = redis.call('ZRANK', board, member)
  if method == 'ordinal' then return place + 1 end
  local stored = redis.call('ZSCORE', board, member)
  local tie = tie_of(stored, member)
  if method == 'dense' then return redis.call('ZRANK', ties, tie) + 1 end
  if method == 'modified' then return edge(place, tie, 1) + 1 end
  return edge(place, tie, -1) + 1
end

-- Only dense ranks count ties; a tie is a member of its own set for as long as somebody is in it.
local function count_tie(key, member, difference)
  if method ~= 'dense' or tonumber(key) >= unranked then return end
  local stored = redis.call('ZSCORE', board, member)
  local tie = tie_of(stored, member)
  local size = redis.call('HINCRBY', sizes, tie, difference)
  if size == 0 then
    redis.call('HDEL', sizes, tie)
    redis.call('ZREM', ties, tie)
  elseif size == 1 and difference == 1 then
    redis.call('ZADD', ties, key, tie)
  end
end

local function take(participant)
  local record = redis.call('HGET', records, participant)
  if not record then return end
  local key, member = string.match(record, '^(%S+) (%S+)')
  count_tie(key, member, -1)
  redis.call('ZREM', board, member)
  redis.call('HDEL', records, participant)
end

local function put(participant, record)
  take(participant)
  if record == '' then return end
  local key, member = string.match(record, '^(%S+) (%S+)')
  redis.call('ZADD', board, key, member)
  redis.call('HSET', records, participant, record)
  count_tie(key, member, 1)
end

-- A server that is short of memory may have thrown a part away, and somebody put another in its place.
local function is_whole(size, tie_count)
  return redis.pcall('ZCARD', board) == size and redis.pcall('HLEN', records) == size
    and redis.pcall('ZCARD', ties) == tie_count and redis.pcall('HLEN', sizes) == tie_count
end

local function follows()
  local state = redis.pcall('HMGET', head, 'epoch', 'version', 'method', 'offset', 'size', 'ties')
  if state.err or state[1] ~= epoch or state[2] ~= version or state[3] ~= method then
    return 'gap'
  end
  if not is_whole(tonumber(state[5]), tonumber(state[6])) then return 'gap' end
  if tonumber(state[4]) >= tonumber(to) then return 'known' end
  if tonumber(state[4]) < tonumber(from) then return 'gap' end
  return 'applied'
end

local outcome = mode == 'build' and 'applied' or follows()
if outcome ~= 'applied' then return { outcome } end

local moves = tonumber(ARGV[8])
local before = {}
for i = 1, moves do before[i] = rank_of(ARGV[8 + i]) end
for i = 9 + moves, #ARGV, 2 do put(ARGV[i], ARGV[i + 1]) end
if mode == 'follow' then
  redis.call('HSET', head, 'offset', to, 'size', redis.call('ZCARD', board),
    'ties', redis.call('ZCARD', ties))
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end
local reply = { outcome }
for i = 1, moves do
  reply[#reply + 1] = before[i]
  reply[#reply + 1] = rank_of(ARGV[8 + i])
end
return reply
