import type { ResponseBody } from '@wheelhouse/sdk';
import type { Style } from './style.ts';

type Answers = ResponseBody<'compareReleaseAnswers'>;

const shown = 5;
const width = 100;

function cut(value: unknown): string {
  if (value === null) return 'failed';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replace(/\s+/g, ' ');
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

const kinds = {
  ...{ same: 'the same', changed: 'changed', fails: 'failed that the other answered' },
  ...{ recovers: 'answered that the other failed', both_fail: 'failed with both' },
};

/** What two versions said to the same calls: how much of it differs, and what differs most. */
export function answerLines({ counts, alike, gone, added, data }: Answers, { bold, dim }: Style): string[] {
  if (data.length === 0) return ['  No copy of a call shows what was said yet.'];
  const words = alike === null ? '' : ` · ${Math.round(alike * 100)} % of the words alike`;
  const told = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) =>
    counts[kind] > 0 || kind === 'same' ? [`${counts[kind]} ${kinds[kind]}`] : [],
  );
  const differing = data.filter(({ kind }) => kind !== 'same').slice(0, shown);
  return [
    '',
    `  ${bold(told.join(' · '))}${words}`,
    ...(gone.length > 0 ? [`  gone from answers: ${gone.join(', ')}`] : []),
    ...(added.length > 0 ? [`  new in answers: ${added.join(', ')}`] : []),
    ...differing.flatMap(({ input, incumbent, candidate }) => [
      '',
      `  ${dim('asked')}      ${cut(input)}`,
      `  ${dim('went out')}   ${cut(incumbent.output)}`,
      `  ${dim('listening')}  ${cut(candidate.output)}  ${dim(candidate.traceId)}`,
    ]),
    '',
  ];
}
