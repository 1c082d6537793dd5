import { recordedMediaUrl, type SpanId, type TraceId } from '@wheelhouse/core/records';
import type { AttachmentBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { fileOfText, filesOfPart, piecesOf } from './recorded-files.ts';

const id = 'A1B2C3D4E5F6G7H8I9J0K1';
const token = `@@@langfuseMedia:type=image/png|id=${id}|source=base64_data_uri@@@`;
const place = { traceId: 'a'.repeat(32) as TraceId, spanId: 'b'.repeat(16) as SpanId, pointer: "/input/a(b)'", nth: 2 };
const url = recordedMediaUrl(place, { type: 'image/png', bytes: 30_000 });
const file = { name: '', type: 'image/png', bytes: 30_000, url };
const known = new Map([[id, { id, type: 'image/png', bytes: 12, name: 'input' } as AttachmentBody]]);

describe('files in what was recorded', () => {
  it('stand where a text names them, with what is known of them', () => {
    expect(piecesOf(`before ${token} between ![a cat](${url}) and ${url}.`, known)).toEqual([
      { type: 'text', text: 'before ' },
      { type: 'file', file: { name: '', type: 'image/png', bytes: 12, url: `/api/v1/attachments/${id}` } },
      { type: 'text', text: ' between ' },
      { type: 'file', file: { ...file, name: 'a cat' } },
      { type: 'text', text: ' and ' },
      { type: 'file', file },
      { type: 'text', text: '.' },
    ]);
  });

  it('say when their bytes were not kept, once that is known', () => {
    expect(fileOfText(token, new Map())).toMatchObject({ url: null });
    expect(fileOfText(token, null)).toMatchObject({ url: `/api/v1/attachments/${id}`, bytes: null });
  });

  it.each([
    ['another address', 'https://example.com/a.png'],
    ['another path', '/api/v1/traces?at=x&type=image/png&bytes=1'],
    ['an address with more', `${url}&x=javascript:alert(1)`],
    ['a page on another server', `//example.com${url}`],
    ['a text', 'hello'],
    ['an unfinished token', token.slice(0, -1)],
  ])('are not %s', (_, text) => {
    expect(fileOfText(text, known)).toBeNull();
  });

  it('are found in the parts of each vendor, with their name', () => {
    const parts = [
      { type: 'image_url', image_url: { url, detail: 'low' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: url } },
      { type: 'file', file: { filename: 'a.png', file_data: url } },
      { type: 'blob', mime_type: 'image/png', content: token },
      { inlineData: { mimeType: 'image/png', data: url } },
    ];
    expect(parts.map((part) => filesOfPart(part, known).map(({ name }) => name))).toEqual([
      [''],
      [''],
      ['a.png'],
      [''],
      [''],
    ]);
    expect(filesOfPart({ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }, known)).toEqual([]);
    expect(filesOfPart({ type: 'refusal', image: url }, known)).toEqual([]);
  });

  it('are shown from the page itself when they are small', () => {
    const small = 'data:image/png;base64,iVBORw0KGgo=';
    expect(filesOfPart({ type: 'image_url', image_url: { url: small } }, known)).toEqual([
      { name: '', type: 'image/png', bytes: 8, url: small },
    ]);
  });
});
