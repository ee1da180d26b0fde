-- Reads rows of a ranking with their ranks, as of one moment.
--
-- KEYS  1 head, 2 board, 3 records, 4 ties
-- ARGV  "range", first place, limit; or "around", participant, rows before, rows after;
--       or "ranks" and participants
-- Reply nothing where the ranking is not there or has lost a part; else epoch, rules version,
--       direction, offset, total, first place, then rank and record for each row (0 for no rank, an empty record for
--       somebody who is not listed)
-- Atomic because place, rows, ranks and offset must be of the same moment. Writes nothing.

local head, board, records, ties = unpack(KEYS)
local unranked = 1152921504606846976

local state = redis.pcall('HMGET', head,
  'epoch', 'version', 'method', 'offset', 'size', 'direction', 'ties')
local total = redis.pcall('ZCARD', board)
if state.err or not state[1] or tonumber(state[5]) ~= total
  or redis.pcall('HLEN', records) ~= total or redis.pcall('ZCARD', ties) ~= tonumber(state[7]) then
  return false
end
local method = state[3]

local function tie_of(key, member)
  return key .. ' ' .. string.match(member, '^(%x*):')
end

local function edge(place, tie, step)
  local limit = step < 0 and 0 or total - 1
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

local function rank_at(place, key, member)
  if tonumber(key) >= unranked then return 0 end
  if method == 'ordinal' then return place + 1 end
  local tie = tie_of(key, member)
  if method == 'dense' then return redis.call('ZRANK', ties, tie) + 1 end
  if method == 'modified' then return edge(place, tie, 1) + 1 end
  return edge(place, tie, -1) + 1
end

local function place_of(participant)
  local record = redis.call('HGET', records, participant)
  if not record then return nil end
  local member = string.match(record, '^%S+ (%S+)')
  return redis.call('ZRANK', board, member), member, record
end

local reply = { state[1], state[2], state[6], state[4], total, 0 }

local function add_rows(first, last)
  reply[6] = first
  local found = redis.call('ZRANGE', board, first, last, 'WITHSCORES')
  if #found == 0 then return end
  local ids = {}
  for i = 1, #found, 2 do ids[#ids + 1] = string.match(found[i], ':(.*)$') end
  local rows = redis.call('HMGET', records, unpack(ids))
  local tie, rank
  for i, row in ipairs(rows) do
    local member, key = found[i * 2 - 1], found[i * 2]
    local own_tie = tie_of(key, member)
    if own_tie ~= tie or method == 'ordinal' then rank = rank_at(first + i - 1, key, member) end
    tie = own_tie
    reply[#reply + 1] = rank
    reply[#reply + 1] = row
  end
end

if ARGV[1] == 'ranks' then
  for i = 2, #ARGV do
    local place, member, record = place_of(ARGV[i])
    local key = place and redis.call('ZSCORE', board, member)
    reply[#reply + 1] = place and rank_at(place, key, member) or 0
    reply[#reply + 1] = record or ''
  end
elseif ARGV[1] == 'around' then
  local place = place_of(ARGV[2])
  if place then add_rows(math.max(0, place - ARGV[3]), place + ARGV[4]) end
elseif tonumber(ARGV[3]) > 0 then
  add_rows(tonumber(ARGV[2]), ARGV[2] + ARGV[3] - 1)
end
return reply
