import type { TraceSummaryBody } from '@wheelhouse/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitCodeOf, UsageError } from './exit-codes.ts';
import { measureFormat } from './measures.ts';
import { bar, createProgress, eta } from './progress.ts';
import { startBanner } from './start-banner.ts';
import { colorStyle, plainStyle } from './style.ts';
import { renderTable } from './table.ts';
import { cut, plain, width } from './text.ts';
import { traceLine } from './trace-line.ts';

const lines = (text: string) => text.split('\n');

describe('text', () => {
  it('cannot steer the terminal: control characters are gone, lines become one', () => {
    expect(plain('a\u001b[31mb\r\n\tc\u0007\u202e')).toBe('a[31mb c');
  });

  it('counts wide characters as two columns and combining marks as none', () => {
    expect([width('abc'), width('日本'), width('e\u0301')]).toEqual([3, 4, 1]);
  });

  it('is never wider than asked after a cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
        expect(width(cut(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
    expect(cut('日本語', 4)).toBe('日…');
  });
});

describe('renderTable', () => {
  it('aligns columns and leaves no space at the end of a line', () => {
    const rows = [
      ['', 'A', 'B', ''],
      ['exact', '0.0 %', '100.0 %', 'better'],
      ['日本', '1 %', '2 %', ''],
    ];
    expect(renderTable(rows, ['left', 'right', 'right', 'left'])).toEqual([
      '              A         B',
      '  exact   0.0 %   100.0 %   better',
      '  日本      1 %       2 %',
    ]);
  });

  it('pads by what is seen, not by colour codes', () => {
    const [line] = renderTable(
      [
        [{ text: 'x', paint: colorStyle.red }, 'y'],
        ['long', 'z'],
      ],
      ['left', 'left'],
    );
    expect(line).toBe('  \u001b[31mx   \u001b[39m   y');
  });
});

describe('progress', () => {
  it('draws a bar of fixed width', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 2, noNaN: true }), fc.integer({ min: 1, max: 40 }), (share, columns) => {
        expect(bar(share, columns)).toHaveLength(columns);
      }),
    );
    expect([bar(0, 4), bar(0.5, 4), bar(0.53, 4), bar(1, 4)]).toEqual(['    ', '██  ', '██▏ ', '████']);
  });

  it('says nothing of the time left before there is something to go by', () => {
    expect(eta({ done: 0, total: 10, elapsedMs: 5000 })).toBe('');
    expect(eta({ done: 5, total: 10, elapsedMs: 5000 })).toBe('ETA 5 s');
    expect(eta({ done: 5, total: 10, elapsedMs: 64_000 })).toBe('ETA 1m04s');
  });

  it('prints at most one line per 10 % where a line cannot be drawn again', () => {
    let written = '';
    const err = (text: string) => {
      written += text;
    };
    const progress = createProgress(
      { out: err, err, outStyle: plainStyle, errStyle: plainStyle, live: false },
      () => 0,
    );
    for (let done = 0; done <= 200; done++) progress.update(done, 200, '');
    progress.end();
    expect(lines(written.trimEnd())).toHaveLength(10);
    expect(lines(written)[0]).toBe('   10 %  20/200');
    expect(written).not.toContain('\u001b');
  });
});

describe('measureFormat', () => {
  it('gives each measure its unit', () => {
    const score = measureFormat('exact', [0.864, 0.902]);
    expect([
      score.mean(0.864),
      score.change(0.038),
      score.change(-0.003),
      score.change(0),
      score.interval(0.011, 0.064),
    ]).toEqual(['86.4 %', '+3.8 pp', '−0.3 pp', '±0.0 pp', '+1.1 … +6.4']);
    const slow = measureFormat('latency', [2.31, 2.02]);
    expect([slow.mean(2.31), slow.change(-0.29)]).toEqual(['2.31 s', '−0.29 s']);
    const fast = measureFormat('latency', [0.212, 0.3]);
    expect([fast.mean(0.212), fast.change(0.0042)]).toEqual(['212 ms', '+4.2 ms']);
    const cost = measureFormat('cost', [0.0024, 0.0016]);
    expect([cost.mean(0.0024), cost.change(-0.0008), cost.mean(0)]).toEqual(['$0.00240', '−$0.000800', '$0']);
    expect(score.mean(null)).toBe('–');
  });
});

describe('startBanner', () => {
  const banner = {
    version: '0.1.0',
    readyMs: 1234,
    url: 'http://127.0.0.1:4400',
    dataDir: '.wheelhouse',
    storeSummary: 'empty',
    configFile: null,
  };

  it('offers a call of the simulated model as long as no provider has a key', () => {
    const text = startBanner({ ...banner, keys: 'OPENAI_API_KEY not set' }, plainStyle);
    expect(text).toContain('wheelhouse 0.1.0   ready in 1.2 s');
    expect(text).toContain('curl http://127.0.0.1:4400/v1/chat/completions');
    expect(Math.max(...lines(text).map(width))).toBeLessThanOrEqual(80);
    expect(startBanner({ ...banner, keys: 'OPENAI_API_KEY found' }, plainStyle)).not.toContain('curl');
  });
});

describe('traceLine', () => {
  const trace: TraceSummaryBody = {
    traceId: 'a'.repeat(32),
    name: 'chat sim/echo',
    kind: 'generation',
    startNs: '1795240000000000000',
    endNs: '1795240000212000000',
    status: 'ok',
    statusMessage: null,
    model: 'sim/echo',
    inputPreview: '',
    outputPreview: '',
    inputTokens: 1,
    outputTokens: 1,
    costNanoUsd: '0',
    unpricedCalls: 0,
    spanCount: 1,
    errorCount: 0,
    sessionId: null,
    userId: null,
    service: null,
    environment: null,
    release: null,
    tags: [],
    models: ['sim/echo'],
    providers: ['sim'],
    kinds: ['generation'],
    tools: [],
    firstTokenNs: null,
    runId: null,
    dialect: 'gateway',
    scores: [],
  };
  const options = { first: false, url: 'http://127.0.0.1:4400', style: plainStyle };

  it('is one line, with a link below the first trace and below failed ones', () => {
    expect(traceLine(trace, options)).toMatch(/^ {2}\d\d:\d\d:\d\d {2}trace {2}chat sim\/echo +212 ms +\$0\n$/);
    expect(traceLine(trace, { ...options, first: true })).toMatch(
      /✓ first trace!\n +→ http:\/\/127\.0\.0\.1:4400\/x\/a{32}\n$/,
    );
    const failed = { ...trace, status: 'error' as const, statusMessage: 'overloaded\u001b[2J', costNanoUsd: null };
    expect(traceLine(failed, options)).toMatch(/ \? {2}✕ overloaded\[2J\n +→ /);
  });
});

describe('exitCodeOf', () => {
  it('tells usage, config, network and the rest apart', () => {
    const withCode = (code: string) => Object.assign(new Error('x'), { code });
    expect(exitCodeOf(new UsageError('x', 'y'))).toBe(2);
    expect(exitCodeOf(withCode('model_not_found'))).toBe(2);
    expect(exitCodeOf(withCode('bind_refused'))).toBe(3);
    expect(exitCodeOf(withCode('unreachable'))).toBe(4);
    expect(exitCodeOf(withCode('port_in_use'))).toBe(1);
    expect(exitCodeOf('text')).toBe(1);
  });
});
