import { describe, expect, it } from 'vitest';
import { readShortLink } from './short-link.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('a short link', () => {
  it.each([traceId, ` ${traceId.toUpperCase()} `])('leads from %s to its trace', (text) => {
    expect(readShortLink(text)).toEqual({ to: 'trace', traceId, spanId: null });
  });

  it.each([`${traceId}-${spanId}`, `${traceId}.${spanId}`, `00-${traceId}-${spanId}-01`])(
    'leads from %s to the span in its trace',
    (text) => {
      expect(readShortLink(text)).toEqual({ to: 'trace', traceId, spanId });
    },
  );

  it('knows a span without its trace for what it is', () => {
    expect(readShortLink(spanId)).toEqual({ to: 'span', spanId });
  });

  it.each([
    ['ev_1m7y7p2g0393cztkd', 'evaluation'],
    ['op_1m7y7p2g0393cztkd', 'optimization'],
    ['rel_1m7y7p2g0393cztkd', 'release'],
    ['al_1m7y7p2g0393cztkd', 'alert'],
    ['run_1m7y7p2g0393cztkd', 'run'],
    ['ds_1m7y7p2g0393cztkd', 'dataset'],
  ])('tells by its prefix what %s is', (id, to) => {
    expect(readShortLink(id)).toEqual({ to, id });
  });

  it.each(['', 'hello', 'xx_1', 'ev_', traceId.slice(1), `${traceId}-1`])('makes nothing of “%s”', (text) => {
    expect(readShortLink(text)).toBeNull();
  });
});
