/**
 * One account's exchange, as `AllowanceStore` describes it, as one step of the Redis server. A hash holds a field for each
 * slot and server: `used:held:heldUntilMs`.
 */
export const exchangeScript = `
local key, server, kind = KEYS[1], ARGV[1], ARGV[2]
local max, keep, need, least, spare = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local hold_ms, slot_ms, window, forget_ms = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local is_window = kind == 'window'
local slot = is_window and math.floor(now / slot_ms) or 0
local function write(at, used, held)
  redis.call('HSET', key, string.format('%.0f|%s', at, server), string.format('%.0f:%.0f:%.0f', used, held, now + hold_ms))
end
local own = 0
for i = 12, #ARGV, 2 do
  write(tonumber(ARGV[i]), tonumber(ARGV[i + 1]), keep)
end
local taken, oldest = 0, -1
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  local at, who = string.match(all[i], '^(%-?%d+)|(.*)$')
  local used, held, untilMs = string.match(all[i + 1], '^(%-?%d+):(%-?%d+):(%d+)$')
  at, used, held = tonumber(at), tonumber(used), tonumber(held)
  if tonumber(untilMs) <= now then held = 0 end
  if is_window and at < slot - window then
    redis.call('HDEL', key, all[i])
  elseif not is_window and used == 0 and held == 0 then
    redis.call('HDEL', key, all[i])
  else
    taken = taken + used + held
    if (used > 0 or held > 0) and (oldest < 0 or at < oldest) then oldest = at end
    if who == server and at == slot then own = used end
  end
end
local room = math.max(max - taken, 0)
local granted = 0
if room > 0 and room >= least then
  if room <= need then granted = room
  else granted = need + math.min(spare, math.floor((room - need) / 4)) end
end
if granted > 0 then
  if is_window then write(slot, own + granted, 0) else write(slot, own, keep + granted) end
end
redis.call('PEXPIRE', key, string.format('%.0f', forget_ms))
local valid = is_window and (slot + 1) * slot_ms - now or hold_ms
return { string.format('%.0f', slot), valid, string.format('%.0f', granted), string.format('%.0f', room), string.format('%.0f', taken), string.format('%.0f', oldest) }
`;
