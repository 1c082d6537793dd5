import type { PanelBody } from '@wheelhouse/sdk';
import type { MeasureData, PanelGroup } from '../../data/panel-words.ts';
import { withCondition } from '../traces/edit-filter.ts';

export type MeasurePanel = Extract<PanelBody, { kind: 'measure' }>;

const ns = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n;

export const timesOf = ({ fromNs, step, groups }: MeasureData) => ({
  fromMs: Number(BigInt(fromNs) / 1_000_000n),
  stepMs: step * 1000,
  size: groups[0]?.points.length ?? 0,
});

/** The traces of a filter between two times. */
function hrefBetween(q: string, fromMs: number, untilMs: number): string {
  const since = withCondition(q, { type: 'since', ns: ns(fromMs) });
  return `/traces?${new URLSearchParams({ q: withCondition(since, { type: 'until', ns: ns(untilMs) }) })}`;
}

/** The traces behind one step; of one group where it is named. null: no filter says that. */
export function hrefOfStep(data: MeasureData, at: number, group?: PanelGroup): string | null {
  const { fromMs, stepMs } = timesOf(data);
  const q = group === undefined ? data.q : group.q;
  return q === null ? null : hrefBetween(q, fromMs + at * stepMs, fromMs + (at + 1) * stepMs);
}

/** The traces behind a group, over the whole time. */
export function hrefOfGroup(data: MeasureData, { q }: PanelGroup): string | null {
  const toMs = (text: string) => Number(BigInt(text) / 1_000_000n);
  return q === null ? null : hrefBetween(q, toMs(data.fromNs), toMs(data.untilNs));
}

/** The measure alone, when there is no group of another name. */
export const onlyGroup = ({ groups }: MeasureData): PanelGroup | null =>
  groups.length === 1 && groups[0]?.value === null && !groups[0].rest ? groups[0] : null;
