import { allOf, printFilter } from '@wheelhouse/core/query';
import { type Filter, formatDuration, formatUsd } from '@wheelhouse/core/records';
import type { ReleaseBody, ReleaseDetailBody, RequestBody } from '@wheelhouse/sdk';

type Verdict = NonNullable<ReleaseBody['verdict']>;
export type RailReading = Verdict['rails'][number];
export type Rail = NonNullable<RequestBody<'startRelease'>['rails']>[number];
export type ShareDecision = ReleaseDetailBody['shares'][number];
type Sided = Pick<ReleaseBody, 'candidate' | 'sticky'>;
type Scale = Pick<RailReading, 'unit'>;

export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

function amount(value: number, { unit }: Scale): string {
  if (unit === 'nano_usd') return formatUsd(BigInt(Math.round(value)));
  return unit === 'share' ? (value * 100).toFixed(1) : value.toFixed(2);
}

/** A mean of a rail, in its own unit. */
export const railValue = (value: number | null, scale: Scale): string =>
  value === null ? '–' : `${amount(value, scale)}${scale.unit === 'share' ? ' %' : ''}`;

/** A difference of a rail, with its sign. */
export function railChange(value: number | null, scale: Scale): string {
  if (value === null) return '?';
  const text = `${amount(Math.abs(value), scale)}${scale.unit === 'share' ? ' pp' : ''}`;
  return value > 0 ? `+${text}` : value < 0 ? `−${text}` : text;
}

/** Both ends of an interval; what nothing is ruled out on stays open. */
export const railInterval = ({ interval: { low, high }, unit }: Pick<RailReading, 'interval' | 'unit'>): string =>
  low === null && high === null ? 'anything yet' : `${railChange(low, { unit })} … ${railChange(high, { unit })}`;

const measured = {
  quality: 'mean of the score',
  latency: 'share of slow calls',
  cost: 'cost of a call',
  errors: 'share of calls that fail',
  refusals: 'share of calls that are refused',
} as const;
export const railMeasure = ({ kind }: Pick<RailReading, 'kind'>): string => measured[kind];

const points = (effect: number) => `${Number((effect * 100).toPrecision(3))} pp`;

/** What of a rail is watched, and the smallest loss that matters. */
export function railRule(rail: Rail): string {
  const limit = `worse by ${points(rail.effect)}`;
  switch (rail.kind) {
    case 'quality': {
      const { low = 0, high = 1 } = rail;
      const loss = (rail.effect * (high - low)).toFixed(2);
      return `score ${rail.score}, ${low === 0 && high === 1 ? limit : `of ${low} to ${high}, lower by ${loss}`}`;
    }
    case 'latency':
      return `calls over ${formatDuration(BigInt(rail.slowNs))}, ${limit}`;
    case 'cost': {
      const loss = BigInt(Math.round(Number(rail.capNanoUsd) * rail.effect));
      return `dearer by ${formatUsd(loss)}, up to ${formatUsd(BigInt(rail.capNanoUsd))} a call`;
    }
    case 'errors':
    case 'refusals':
      return `${measured[rail.kind]}, ${limit}`;
  }
}

/** How a rail stands, in words. */
export function railState(rail: RailReading, minimum: number): string {
  const few = Math.min(rail.candidate.count, rail.incumbent.count);
  if (rail.state === 'too_few') return `not enough data: ${few} of ${minimum}`;
  return { open: 'not settled', held: 'held', broken: 'worse' }[rail.state];
}

const stateWords = {
  running: { tone: 'accent', glyph: '●', text: 'running' },
  promoted: { tone: 'good', glyph: '▲', text: 'promoted' },
  rolled_back: { tone: 'bad', glyph: '▼', text: 'rolled back' },
  stopped: { tone: 'mute', glyph: '■', text: 'stopped' },
} as const;

/** What only listens never answered, so that nothing is rolled back or promoted. */
export const stateOf = ({ state, shadow }: Pick<ReleaseBody, 'state' | 'shadow'>) => {
  if (shadow === null || state === 'promoted') return stateWords[state];
  const text = { running: 'listens', rolled_back: 'ended', stopped: 'stopped' }[state];
  return { ...stateWords[state], text };
};

const verdictWords = {
  not_enough_data: { tone: 'mute', glyph: '…', text: 'not enough data' },
  hold: { tone: 'mute', glyph: '‖', text: 'hold' },
  promote: { tone: 'good', glyph: '▲', text: 'may be promoted' },
  roll_back: { tone: 'bad', glyph: '▼', text: 'roll back' },
} as const;

const shadowVerdicts = {
  ...verdictWords,
  promote: { tone: 'good', glyph: '▲', text: 'looks as good' },
  roll_back: { tone: 'bad', glyph: '▼', text: 'worse' },
} as const;

/** What verdicts are called: of what answers, and of what only listens. */
export const verdictKinds = ({ shadow }: Pick<ReleaseBody, 'shadow'>) =>
  shadow === null ? verdictWords : shadowVerdicts;

export const verdictOf = ({ verdict, ...release }: Pick<ReleaseBody, 'verdict' | 'shadow'>) =>
  verdictKinds(release)[verdict?.verdict ?? 'not_enough_data'];

/** What became of copies, and what they cost; empty before the first look. */
export function copiesText({ copies }: Pick<ReleaseBody, 'copies'>): string {
  if (copies === null) return '';
  const { drawn, answered, costNanoUsd } = copies;
  const cost = formatUsd(BigInt(costNanoUsd));
  return `${answered.toLocaleString('en')} of ${drawn.toLocaleString('en')} copies answered, for ${cost}.`;
}

const stickyWords = { user: 'user', session: 'session', request: 'request' } as const;
/** `1,240 users`: what counts once. */
export const unitWord = (sticky: ReleaseBody['sticky'], count: number): string =>
  `${count.toLocaleString('en')} ${stickyWords[sticky]}${count === 1 ? '' : 's'}`;

/** Why a share that moves is what it is. */
export function shareWhy({ calls, chance, rail }: ShareDecision, { candidate, sticky }: Sided): string {
  const after = `After ${unitWord(sticky, calls)} of v${candidate}`;
  if (rail === null) return `${after}: nothing is watched`;
  return `${after} it is ${percent(chance)} likely that ${rail} loses less than half of what matters`;
}

const ns = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n;

/** What is worse than what the incumbent usually does; null: no filter tells it from the rest. */
function worseOf(rail: Rail, usual: number | null): Filter | null {
  switch (rail.kind) {
    case 'quality': {
      const middle = ((rail.low ?? 0) + (rail.high ?? 1)) / 2;
      return { type: 'score', name: rail.score, op: '<', value: Number((usual ?? middle).toPrecision(3)) };
    }
    case 'latency':
      return { type: 'compare', field: 'latency', op: '>', value: BigInt(rail.slowNs) };
    case 'cost':
      return { type: 'compare', field: 'cost', op: '>', value: BigInt(Math.round(usual ?? 0)) };
    case 'errors':
      return { type: 'is', field: 'status', patterns: [['error']] };
    case 'refusals':
      return null;
  }
}

type Ran = Pick<
  ReleaseBody,
  'id' | 'shadow' | 'model' | 'incumbent' | 'candidate' | 'startedAt' | 'endedAt' | 'verdict'
>;

/**
 * The traces of one side while it ran, in the filter language.
 * @param rail only those that are worse by it than what is usual; null where no filter says that
 */
export function callsBehind(release: Ran, arm: 'incumbent' | 'candidate', rail?: Rail): string | null {
  const usual = release.verdict?.rails.find(({ name }) => name === rail?.name)?.incumbent.mean ?? null;
  const worse = rail === undefined ? [] : worseOf(rail, usual);
  if (worse === null) return null;
  return printFilter(
    allOf([
      { type: 'is', field: 'model', patterns: [[`${release.model}@${release[arm]}`]] },
      // Copies are no traffic: they are shown to who asks for them.
      ...(release.shadow !== null && arm === 'candidate'
        ? [{ type: 'is', field: 'run', patterns: [[release.id]] } satisfies Filter]
        : []),
      ...(Array.isArray(worse) ? worse : [worse]),
      { type: 'since', ns: ns(release.startedAt) },
      ...(release.endedAt === null ? [] : [{ type: 'until', ns: ns(release.endedAt) } satisfies Filter]),
    ]),
  );
}
