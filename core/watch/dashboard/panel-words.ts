import { formatDuration, formatUsd, type PanelMeasure } from '../../records/index.ts';
import type { PanelChange, PanelValue } from './panel-value.ts';

/** What is measured, as a name. */
export function panelMeasureName(measure: PanelMeasure): string {
  switch (measure.kind) {
    case 'traces':
      return 'traces';
    case 'error_rate':
      return 'failing share';
    case 'share':
      return `share of ${measure.q}`;
    case 'latency':
      return `${measure.quantile} latency`;
    case 'first_token':
      return `${measure.quantile} first token`;
    case 'cost':
      return 'cost';
    case 'trace_cost':
      return 'cost of a trace';
    case 'tokens':
      return 'tokens';
    case 'input_tokens':
      return 'input tokens of a trace';
    case 'output_tokens':
      return 'output tokens of a trace';
    case 'users':
      return 'users';
    case 'score':
      return `mean of ${measure.name}`;
  }
}

const isShare = ({ kind }: PanelMeasure) => kind === 'error_rate' || kind === 'share';
const isTime = ({ kind }: PanelMeasure) => kind === 'latency' || kind === 'first_token';

const percent = (value: number, digits = 3) => Number((value * 100).toPrecision(digits));

/** A value in the unit of what is measured. */
export function panelText(measure: PanelMeasure, value: number): string {
  if (isShare(measure)) return `${percent(value)} %`;
  if (isTime(measure)) return formatDuration(BigInt(Math.round(Math.max(0, value) * 1e6)));
  if (measure.kind === 'cost' || measure.kind === 'trace_cost') return formatUsd(BigInt(Math.round(value * 1e9)));
  if (measure.kind === 'score') return String(Number(value.toPrecision(3)));
  return Number(value.toPrecision(4)).toLocaleString('en');
}

/** `1.2 s … 1.4 s`; null: it has no interval. */
export function intervalText(
  measure: PanelMeasure,
  { value, low, high }: Pick<PanelValue, 'value' | 'low' | 'high'>,
): string | null {
  if (value === null || (low === null && high === null)) return null;
  const end = (bound: number | null) => (bound === null ? '?' : panelText(measure, Math.max(bound, least(measure))));
  return `${end(low)} … ${end(high)}`;
}
/** Below this nothing can be. */
const least = (measure: PanelMeasure) => (measure.kind === 'score' ? Number.NEGATIVE_INFINITY : 0);

/** Of which more is worse; of nothing else it is known whether more is better. */
const lessIsBetter = (measure: PanelMeasure) => measure.kind === 'error_rate' || isTime(measure);

type ChangeText = { text: string; tone: 'good' | 'bad' | 'none'; note: string };

const signed = (value: number, text: string) => (value > 0 ? `+${text}` : value < 0 ? `−${text}` : text);

type Compared = { change: PanelChange | null; before: PanelValue | null };

/** How a value differs from the one before, and whether that is clear. */
export function changeText(measure: PanelMeasure, { change, before }: Compared): ChangeText | null {
  if (!change || before?.value == null) return null;
  const { difference, low, high } = change;
  const was = panelText(measure, before.value);
  const size = Math.abs(difference);
  if (low === null || high === null) {
    const relative = before.value === 0 ? null : percent(size / before.value, 2);
    const text = relative === null ? signed(difference, panelText(measure, size)) : signed(difference, `${relative} %`);
    return { text: difference === 0 ? 'no change' : text, tone: 'none', note: `before ${was}` };
  }
  const shown = (value: number) =>
    signed(value, isShare(measure) ? `${percent(Math.abs(value), 2)} pp` : panelText(measure, Math.abs(value)));
  const bounds = `${shown(low)} … ${shown(high)}`;
  if (low <= 0 && high >= 0) return { text: 'no clear difference', tone: 'none', note: bounds };
  const isGood = difference < 0;
  const tone = lessIsBetter(measure) ? (isGood ? 'good' : 'bad') : 'none';
  return { text: shown(difference), tone, note: bounds };
}

/** What a group is called. */
export const panelGroupName = ({ value, rest }: { value: string | null; rest: boolean }): string =>
  rest ? 'all others' : value === null ? 'all' : value === '' ? 'not said' : value;
