import type { PanelBody, PanelDataBody } from '@wheelhouse/sdk';

type MeasurePanel = Extract<PanelBody, { kind: 'measure' }>;
export type PanelMeasure = MeasurePanel['measure'];
export type MeasureData = Extract<PanelDataBody, { kind: 'measure' }>;
export type PanelGroup = MeasureData['groups'][number];

const ofTrace = 'of a trace, on average';
/** What can be measured, as it is chosen. */
export const panelMeasures: { kind: PanelMeasure['kind']; label: string }[] = [
  { kind: 'traces', label: 'number of traces' },
  { kind: 'error_rate', label: 'share that failed' },
  { kind: 'share', label: 'share that also fits …' },
  { kind: 'latency', label: 'latency' },
  { kind: 'first_token', label: 'time to the first token' },
  { kind: 'cost', label: 'cost of all of them' },
  { kind: 'trace_cost', label: `cost ${ofTrace}` },
  { kind: 'tokens', label: 'tokens of all of them' },
  { kind: 'input_tokens', label: `input tokens ${ofTrace}` },
  { kind: 'output_tokens', label: `output tokens ${ofTrace}` },
  { kind: 'users', label: 'number of users' },
  { kind: 'score', label: 'mean of a score' },
];
