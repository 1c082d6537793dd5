/** Spans of model calls with about 1 KB of text each, in OTLP protobuf, encoded once and given new ids before each sending. */

const words =
  'order parcel carrier refund invoice address delivery warehouse table chair lamp blue oak return week label receipt total payment account'.split(
    ' ',
  );

/** Always the same numbers for the same seed (a linear congruential generator). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}
const field = (number, bytes) => Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
const text = (number, value) => field(number, Buffer.from(value));
const integer = (number, value) => Buffer.concat([varint(number * 8), varint(value)]);
function fixed64(number, value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}
const attribute = (key, value) =>
  Buffer.concat([text(1, key), field(2, typeof value === 'number' ? integer(3, value) : text(1, value))]);

const messages = (role, content) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

/** Trace ids begin with these bytes, so that their places can be found in the encoded request. */
const marker = Buffer.from('bench-id');
const spansPerTrace = 4;

function spanBytes(index, random, startNs) {
  const sentence = (length) => Array.from({ length }, () => words[random(words.length)]).join(' ');
  const at = startNs + BigInt(index) * 1_000_000n;
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
    'gen_ai.usage.input_tokens': 80 + random(400),
    'gen_ai.usage.output_tokens': 20 + random(200),
    'gen_ai.input.messages': messages('user', sentence(90)),
    'gen_ai.output.messages': messages('assistant', sentence(60)),
  };
  const id = Buffer.concat([marker, Buffer.alloc(8)]);
  return Buffer.concat([
    field(1, id),
    field(2, marker),
    text(5, 'chat gpt-4o-mini'),
    integer(6, 3),
    fixed64(7, at),
    fixed64(8, at + 640_000_000n),
    ...Object.entries(attributes).map(([key, value]) => field(9, attribute(key, value))),
  ]);
}

/**
 * @param spans how many spans in a request
 * @param seed what the texts are made of; also the upper half of every id
 * @returns `next()`, the bytes of a request with ids not used before; the buffer is used again
 */
export function createPayload(spans, seed) {
  const random = numbers(seed);
  const startNs = BigInt(Date.now()) * 1_000_000n;
  const list = Array.from({ length: spans }, (_, i) => field(2, spanBytes(i, random, startNs)));
  const scope = field(1, text(1, 'bench'));
  const resource = field(1, field(1, attribute('service.name', 'bench')));
  const body = field(1, Buffer.concat([resource, field(2, Buffer.concat([scope, ...list]))]));
  const places = [];
  for (let at = body.indexOf(marker); at !== -1; at = body.indexOf(marker, at + 1)) places.push(at);
  let count = 0;
  return {
    next() {
      for (let i = 0; i < spans; i++) {
        const trace = places[2 * i];
        const span = places[2 * i + 1];
        body.writeUInt32BE(seed, trace);
        body.writeUInt32BE(Math.floor(count / spansPerTrace) + 1, trace + 4);
        body.writeUInt32BE(seed, span);
        body.writeUInt32BE(++count, span + 4);
      }
      return body;
    },
  };
}
