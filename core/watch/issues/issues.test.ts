import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  BadScoreRule,
  FailingSpan,
  FailingTrace,
  Issue,
  IssueGroup,
  IssueOccurrence,
  SeenScore,
  SpanId,
  TraceId,
} from '../../records/index.ts';
import { suggestedRule, usualRule } from './bad-scores.ts';
import { occurrencesOf, signalKey } from './failing.ts';
import { normalMessage } from './normal-message.ts';
import { placeOccurrences } from './place-occurrences.ts';

const at = '2026-11-20T12:00:00.000Z';
const spanId = (n: number) => n.toString(16).padStart(16, '0') as SpanId;
const traceIdOf = (n: number) => n.toString(16).padStart(32, '0') as TraceId;

const span = (n: number, more: Partial<FailingSpan> = {}): FailingSpan => ({
  ...{ spanId: spanId(n), parentSpanId: null, kind: 'span', name: `step ${n}`, startNs: BigInt(n) * 1_000_000n },
  ...{ endNs: 99_000_000n, isError: false, message: '', errorType: '', refusal: '', version: null, baseModel: '' },
  ...{ input: '', ...more },
});
const trace = (n: number, more: Partial<FailingTrace> = {}): FailingTrace => ({
  ...{ traceId: traceIdOf(n), user: 'ada', isOurs: false, spans: [span(1)], scores: [] },
  ...more,
});

describe('the message of an error', () => {
  it('is the same text for the same fault, whatever differs from call to call', () => {
    const same = [
      'Request req_011CQabc12345 failed after 1,203 ms: GET https://a.b/c?d=1 for ada@example.com at 2026-11-20T10:11:12Z',
      'Request req_9Zx81TTqq77 failed after 88 ms: GET https://x.y/ for bob@host.org at 2025-01-02 03:04:05',
    ].map(normalMessage);
    expect(same[0]).toBe('Request <id> failed after # ms: GET <url> for <email> at <time>');
    expect(same[1]).toBe(same[0]);
    expect(normalMessage("KeyError: 'order_7' in /srv/app/tools/orders.py")).toBe('KeyError: <text> in <path>');
    expect(normalMessage('file 3f2504e0-4f89-11d3-9a0c-0305e82c3301 and 0xdeadbeef and deadbeef12')).toBe(
      'file <id> and <id> and <id>',
    );
    expect(normalMessage("can't open the user's file")).toBe("can't open the user's file");
  });

  it('is bounded, and normal once it is normal', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3_000 }), (text) => {
        const once = normalMessage(text);
        expect(once.length).toBeLessThanOrEqual(400);
      }),
      { numRuns: 200 },
    );
    const once = normalMessage('Timeout after 30 s for "x" (id 12ab34cd56)');
    expect(normalMessage(once)).toBe(once);
  });
});

describe('how a trace fails', () => {
  const failing = (more: Partial<FailingSpan>) => ({ isError: true, ...more });

  it('is told by the deepest span that failed, of several the last, and by whether the trace went on', () => {
    const spans = [
      span(1, failing({ message: 'outer' })),
      span(2, failing({ parentSpanId: spanId(1), message: 'first try', endNs: 10n })),
      span(3, failing({ parentSpanId: spanId(1), message: 'second try 7', errorType: 'Timeout', endNs: 20n })),
    ];
    expect(occurrencesOf(trace(1, { spans }))).toMatchObject([
      { cause: { signal: 'error', what: 'Timeout', step: 'step #' }, text: 'second try #', spanId: spanId(3) },
    ]);
    const [top, ...steps] = spans;
    const went = [{ ...(top as FailingSpan), isError: false }, ...steps];
    expect(occurrencesOf(trace(1, { spans: went })).map(({ cause }) => cause.signal)).toEqual(['handled']);
  });

  it('is told by refusals and by what is said of it, each once, with what was asked', () => {
    const spans = [
      span(1, { input: 'Where is my parcel?' }),
      span(2, { parentSpanId: spanId(1), refusal: 'SAFETY', version: { model: 'bot', number: 3 } }),
    ];
    const scores: FailingTrace['scores'] = [
      { name: 'feedback', value: false, source: 'user' },
      { name: 'escalated', value: true, source: 'user' },
      { name: 'copied', value: true, source: 'user' },
      { name: 'helpful', value: 0.4, source: 'judge' },
      { name: 'kind', value: 0.5, source: 'judge' },
      { name: 'toxicity', value: 0.01, source: 'api' },
      { name: 'stars', value: 4, source: 'user' },
    ];
    const found = occurrencesOf(trace(1, { spans, scores }));
    expect(found.map(({ cause }) => signalKey(cause))).toEqual([
      ...['refusal', 'score:feedback', 'score:escalated', 'score:helpful'],
    ]);
    for (const { text, cause, version } of found)
      expect([text, cause.model, version]).toEqual(['Where is my parcel?', 'bot', { model: 'bot', number: 3 }]);
  });

  it('says of scores what the project says, in place of what is usual', () => {
    const scores: FailingTrace['scores'] = [
      { name: 'feedback', value: false, source: 'user' },
      { name: 'stars', value: 2, source: 'api' },
      { name: 'risk', value: 0.9, source: 'judge' },
      { name: 'helpful', value: 0.4, source: 'judge' },
      { name: 'tone', value: 'rude', source: 'human' },
      { name: 'copied', value: true, source: 'user' },
    ];
    const rules = new Map<string, BadScoreRule>([
      ['feedback', { bad: 'never' }],
      ['stars', { bad: 'below', value: 3 }],
      ['risk', { bad: 'above', value: 0.8 }],
      ['helpful', { bad: 'below', value: 0.4 }],
      ['tone', { bad: 'one_of', values: ['rude', 'cold'] }],
      ['copied', { bad: 'true' }],
    ]);
    const found = occurrencesOf(trace(1, { scores }), rules);
    expect(found.map(({ cause }) => cause.what)).toEqual(['stars', 'risk', 'tone', 'copied']);
  });

  it('tells what is usual of a name by what came, and suggests what may be meant', () => {
    const seen = (more: Partial<SeenScore>): SeenScore => ({
      ...{ name: 'x', count: 9, truths: 0, judgedNumbers: 0, least: null, most: null, labels: [], ...more },
    });
    expect(usualRule(seen({ name: 'rephrased', truths: 9 }))).toEqual({ bad: 'true' });
    expect(usualRule(seen({ truths: 9 }))).toEqual({ bad: 'false' });
    expect(usualRule(seen({ judgedNumbers: 1, least: 0, most: 1 }))).toEqual({ bad: 'below', value: 0.5 });
    expect(usualRule(seen({ least: 1, most: 5 }))).toBeNull();
    expect(suggestedRule(seen({ least: 2, most: 5 }))).toEqual({ bad: 'below', value: 3 });
    expect(suggestedRule(seen({ least: 0, most: 9 }))).toEqual({ bad: 'below', value: 5 });
    expect(suggestedRule(seen({ least: -3, most: 9 }))).toBeNull();
    expect(suggestedRule(seen({ judgedNumbers: 1, least: 0, most: 1 }))).toBeNull();
    expect(suggestedRule(seen({ labels: ['Poor', 'fine'] }))).toEqual({ bad: 'one_of', values: ['Poor'] });
  });

  it('says nothing of evaluations and judges, and nothing of a trace whose spans are not there', () => {
    const spans = [span(1, failing({}))];
    expect(occurrencesOf(trace(1, { spans, isOurs: true }))).toEqual([]);
    expect(
      occurrencesOf(trace(1, { spans: [], scores: [{ name: 'feedback', value: false, source: 'user' }] })),
    ).toEqual([]);
  });
});

const bad = (n: number, text: string, more: Partial<IssueOccurrence> = {}): IssueOccurrence => ({
  ...{ traceId: traceIdOf(n), spanId: null, text, atMs: Date.parse(at) + n, user: null, version: null },
  cause: { signal: 'score', what: 'feedback', step: '', model: 'bot' },
  ...more,
});
const nothing = { groups: [], issues: [], groupCount: 0, placed: new Map<string, string>() };
const place = (
  occurrences: IssueOccurrence[],
  known: { groups: IssueGroup[]; issues: Issue[]; placed?: Map<string, string> } = { groups: [], issues: [] },
) => placeOccurrences(occurrences, { ...nothing, ...known, groupCount: known.groups.length }, { at });

const questions = [
  'I want a refund for my order',
  'Refund please, the order never came',
  'How do I reset my password?',
  'My password reset link is broken',
  'refund of a cancelled order',
];

describe('issues', () => {
  it('are what bad answers are about, with a title that says it', () => {
    const { groupIds, issues, events } = place(questions.map((text, i) => bad(i + 1, text)));
    expect(groupIds[1]).toBe(groupIds[0]);
    expect(groupIds[4]).toBe(groupIds[0]);
    expect(groupIds[3]).toBe(groupIds[2]);
    expect(new Set(groupIds).size).toBe(2);
    expect(issues.map(({ title }) => title)).toEqual(['Bad feedback: order, refund', 'Bad feedback: password, reset']);
    expect(events.map(({ kind }) => kind)).toEqual(['opened', 'opened']);
  });

  it('keep apart errors of another kind, model or step, and messages that say something else', () => {
    const failed = (n: number, text: string, more: Partial<IssueOccurrence['cause']> = {}) =>
      bad(n, text, { cause: { signal: 'error', what: 'Timeout', step: 'chat', model: 'bot', ...more } });
    const { groupIds, issues } = place([
      failed(1, 'no answer from upstream within # ms'),
      failed(2, 'no answer from upstream within # ms'),
      failed(3, 'certificate has expired'),
      failed(4, 'no answer from upstream within # ms', { model: 'other' }),
      failed(5, 'no answer from upstream within # ms', { step: 'search' }),
    ]);
    expect(groupIds[1]).toBe(groupIds[0]);
    expect(new Set(groupIds).size).toBe(4);
    expect(issues[0]?.title).toBe('Timeout: no answer from upstream within # ms');
  });

  it('are the same in as many looks as one likes, and a trace that is seen again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...questions, '你好世界退款', 'bonjour'), { minLength: 1, maxLength: 12 }),
        fc.nat(12),
        (texts, cut) => {
          const all = texts.map((text, i) => bad(i + 1, text));
          const whole = place(all);
          const first = place(all.slice(0, cut));
          const placed = new Map(
            first.groupIds.map((id, i) => [`${all[i]?.traceId} ${signalKey((all[i] as IssueOccurrence).cause)}`, id]),
          );
          const again = place(all, { groups: first.groups, issues: first.issues, placed });
          expect(again.groupIds).toEqual(whole.groupIds);
          const sizes = new Map(first.groups.map(({ id, size }) => [id, size]));
          for (const { id, size } of again.groups) sizes.set(id, size);
          expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBe(all.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are bounded: what comes beyond goes to one for everything else', () => {
    const many = Array.from({ length: 120 }, (_, i) => bad(i + 1, `zq${i}xk${i} wv${i}`));
    const { groups, issues } = place(many);
    expect(groups).toHaveLength(41);
    expect(issues.at(-1)?.title).toBe('Other bad scores');
  });

  it('come back after they were resolved by a call that began later, where versions are named by a later one alone', () => {
    const seen = place([bad(1, 'refund order', { version: { model: 'bot', number: 2 } })]);
    const [issue] = seen.issues as [Issue];
    const resolvedAt = new Date(Date.parse(at) + 10).toISOString();
    const state = (versions: Record<string, number> | null, occurrence: Partial<IssueOccurrence>) => {
      const resolved: Issue = { ...issue, state: 'resolved', resolution: { at: resolvedAt, by: 'ada', versions } };
      const next = place([bad(50, 'refund order', occurrence)], { groups: seen.groups, issues: [resolved] });
      return next.issues[0]?.state;
    };
    const early = { atMs: Date.parse(at) + 5 };
    const of = (number: number) => ({ version: { model: 'bot', number } });
    expect(state(null, of(2))).toBe('regressed');
    expect(state(null, { ...of(2), ...early })).toBe('resolved');
    expect(state({ bot: 2 }, of(2))).toBe('resolved');
    expect(state({ bot: 2 }, of(3))).toBe('regressed');
    expect(state({ bot: 2 }, { version: { model: 'other', number: 1 } })).toBe('regressed');
    expect(issue.models).toEqual(['bot']);
  });
});
