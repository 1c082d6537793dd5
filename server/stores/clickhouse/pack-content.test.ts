import { type Content, canonicalJson, type Json } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dumpJson, type JsonStyle, jsonStyleOf } from './json-style.ts';
import { hashesIn, packContent, packJson, pieceHash, unpack } from './pack-content.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  // Long, of few letters, with everything that is cut at or escaped.
  fc
    .array(fc.constantFrom('word', ' ', '\n', '"', '\\', '},{', '\u0001', '\u0002', 'ü', '\ud83d\ude00', '\ud800'), {
      minLength: 1,
      maxLength: 12,
    })
    .map((parts) => parts.join('').repeat(200)),
);
const value: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom<Json>(null, true, 1.5, -0.1, 1e21),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie('json'), { maxKeys: 4 }).map((object) => ({ ...object })),
    // Reports of messages are texts that are JSON.
    tie('json').map((json) => JSON.stringify({ messages: [json, json] })),
    tie('json').map((json) => dumpJson(JSON.stringify([{ content: json }]), 1)),
  ),
})).json;

const packed = (json: Json) => {
  const pieces = new Map<string, string>();
  return { text: packJson(json, pieces), pieces };
};

describe('packing', () => {
  it('gives back the canonical JSON of any value, from pieces that have the hashes it names', () => {
    fc.assert(
      fc.property(value, (json) => {
        const { text: short, pieces } = packed(json);
        expect([...pieces].every(([hash, piece]) => pieceHash(piece) === hash)).toBe(true);
        expect(new Set(hashesIn(short))).toEqual(new Set(pieces.keys()));
        expect(unpack(short, pieces)).toBe(canonicalJson(json));
        // A copy of the value, with its members in another order, is packed the same.
        expect(packed(JSON.parse(canonicalJson(json)) as Json).text).toBe(short);
      }),
      { numRuns: 300 },
    );
  });

  it('takes out of a long history what it took out before, and little more, in messages and in their report', () => {
    const message = (n: number) => ({
      role: n % 2 === 0 ? 'user' : 'assistant',
      parts: [{ type: 'text' as const, content: `${n} is what this message is about. `.repeat(40) }],
    });
    const history = (length: number): Json => {
      const messages = Array.from({ length }, (_, n) => message(n));
      return { messages, reported: JSON.stringify(messages), printed: dumpJson(JSON.stringify(messages), 1) };
    };
    const known = new Set(packed(history(20)).pieces.keys());
    const added = [...packed(history(21)).pieces].filter(([hash]) => !known.has(hash));
    expect(known.size).toBe(20);
    expect(added.map(([, piece]) => piece.length)).toEqual([message(20).parts[0]?.content.length]);
  });

  it('keeps all but the end of a growing text', () => {
    const lines = Array.from({ length: 400 }, (_, n) => `line ${n} of a transcript that grows and grows`);
    const known = new Set(packed(lines.slice(0, 380).join('\n')).pieces.keys());
    const later = [...packed(lines.join('\n')).pieces.keys()];
    expect(later.filter((hash) => !known.has(hash)).length).toBeLessThanOrEqual(2);
    expect(later.length).toBeGreaterThan(6);
  });

  it('takes whole messages out, and leaves short ones', () => {
    const pieces = new Map<string, string>();
    const said = (content: string): Content => ({
      type: 'messages',
      messages: [{ role: 'user', parts: [{ type: 'text', content }] }],
    });
    expect(packContent(said('ok'), pieces)).toBe(canonicalJson(said('ok') as Json));
    expect(pieces.size).toBe(0);
    packContent(said('a question of some length'), pieces);
    expect([...pieces.values()]).toEqual([
      canonicalJson(
        said('a question of some length').type === 'messages'
          ? { role: 'user', parts: [{ type: 'text', content: 'a question of some length' }] }
          : null,
      ),
    ]);
  });

  it('knows the styles of JavaScript and Python, and leaves texts alone that it could not write again', () => {
    const json = '[{"a":"ü","b":[1,2.5,null]}]';
    const styles: [string, JsonStyle][] = [
      [json, 0],
      ['[{"a": "\\u00fc", "b": [1, 2.5, null]}]', 1],
      ['[{"a":"\\u00fc","b":[1,2.5,null]}]', 2],
      ['[{"a": "ü", "b": [1, 2.5, null]}]', 3],
    ];
    for (const [written, style] of styles) {
      expect(jsonStyleOf(written)?.style).toBe(style);
      expect(dumpJson(json, style)).toBe(written);
    }
    for (const other of ['[{"a":1.0}]', '[{"a" :1}]', '{"b":1,"b":2}', '[{"a":9007199254740993}]', '[{'])
      expect(jsonStyleOf(other)).toBeNull();
  });
});
