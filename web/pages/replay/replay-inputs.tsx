import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReplayDetailBody, ReplayInputBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { duration, exampleText, plural, usd } from '../../data/format.ts';
import { type ReplayKind, replayInputsQuery } from '../../data/replay-queries.ts';
import { AnswerDiff } from '../../parts/diff-text.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { ShowMore } from '../../parts/show-more.tsx';

const marks = {
  same: { tone: 'mute', text: '= the same' },
  changed: { tone: 'warn', text: '≠ changed' },
  fails: { tone: 'bad', text: '✕ fails now' },
  recovers: { tone: 'good', text: '✓ answers now' },
  both_fail: { tone: 'bad', text: '✕ fails with both' },
} as const;
const toolMarks = {
  tools: 'other tools',
  order: 'other order of tools',
  arguments: 'other arguments of tools',
} as const;

const kinds: { kind: ReplayKind; label: string }[] = [
  { kind: 'fails', label: 'fail now' },
  { kind: 'changed', label: 'changed' },
  { kind: 'tools', label: 'other tools' },
  { kind: 'recovers', label: 'answer now' },
  { kind: 'both_fail', label: 'fail with both' },
  { kind: 'same', label: 'the same' },
];

function countOf({ counts, tools }: ReplayDetailBody['behaviour'], kind: ReplayKind): number {
  if (kind !== 'tools') return counts[kind];
  return tools.counts.tools + tools.counts.order + tools.counts.arguments;
}

type Answer = ReplayInputBody['before'][number];

function AnswerText({ answer, against }: { answer: Answer; against: Answer | undefined }) {
  if (answer.output === null) return <span className="text-bad">✕ {answer.error ?? 'failed'}</span>;
  if (against === undefined || against.output === null) return answer.output;
  return <AnswerDiff a={against.output} b={answer.output} />;
}

/** The answers of one version; those of the new one say what is different from the first of the old one. */
function Side({ title, answers, against }: { title: string; answers: Answer[]; against?: Answer | undefined }) {
  return (
    <div className="min-w-0">
      <h4 className="text-sm font-medium text-text-2">{title}</h4>
      <ol className="flex flex-col gap-2">
        {answers.map((answer, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: repetitions never move.
          <li key={i} className="min-w-0 rounded-2 border border-line bg-surface px-3 py-2">
            <div className="max-h-72 overflow-auto break-words whitespace-pre-wrap">
              <AnswerText answer={answer} against={against} />
            </div>
            <p className="mt-1 flex flex-wrap gap-x-3 text-xs text-text-3">
              {answers.length > 1 && <span>{`time ${i + 1}`}</span>}
              <span className="mono">{duration(answer.latencyNs)}</span>
              <span className="mono">{usd(answer.costNanoUsd)}</span>
              {answer.traceId !== null && (
                <Link to="/traces/$traceId" params={{ traceId: answer.traceId }} className="link">
                  trace
                </Link>
              )}
            </p>
          </li>
        ))}
      </ol>
    </div>
  );
}

const argumentsText = (value: unknown) => (value === null ? '' : JSON.stringify(value));

/** What the first answers of both called, in order, beside each other. */
function Calls({ calls }: { calls: ReplayInputBody['calls'] }) {
  if (calls.length === 0) return null;
  return (
    <table className="mt-2 w-full border-collapse text-left text-sm">
      <caption className="text-left text-sm font-medium text-text-2">Tools that were called</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Tool</th>
          <th scope="col">Before</th>
          <th scope="col">Now</th>
        </tr>
      </thead>
      <tbody>
        {calls.map(({ name, before, after }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: calls of an answer never move.
          <tr key={i} className="border-t border-line align-top">
            <th scope="row" className="mono py-1 pr-3 font-normal break-all">
              {name}
            </th>
            <td className="mono w-2/5 py-1 pr-3 break-all">
              {before === null ? <span className="text-text-3">not called</span> : argumentsText(before)}
            </td>
            <td className="mono w-2/5 py-1 break-all">
              {after === null ? (
                <span className="text-bad">not called</span>
              ) : before === null ? (
                <span className="text-bad">{argumentsText(after)}</span>
              ) : (
                <AnswerDiff a={argumentsText(before)} b={argumentsText(after)} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type Versions = { incumbent: number; candidate: number };

function Input({ input, incumbent, candidate }: Versions & { input: ReplayInputBody }) {
  const { tone, text } = marks[input.kind];
  return (
    <article aria-label={exampleText(input.input).slice(0, 80)} className="border-b border-line px-4 py-3">
      <h3 className="mb-2 flex flex-wrap items-baseline gap-2">
        <Pill tone={tone}>{text}</Pill>
        {input.tools !== null && input.tools !== 'same' && <Pill tone="warn">{toolMarks[input.tools]}</Pill>}
        {input.alike !== null && input.kind === 'changed' && (
          <span className="text-sm text-text-3">{Math.round(input.alike * 100)} % of the words alike</span>
        )}
        <span className="min-w-0 flex-1 basis-60 font-medium break-words">{exampleText(input.input)}</span>
      </h3>
      <div className="grid gap-3 md:grid-cols-2">
        <Side title={`v${incumbent}`} answers={input.before} />
        <Side title={`v${candidate}`} answers={input.after} against={input.before[0]} />
      </div>
      <Calls calls={input.calls} />
    </article>
  );
}

type InputsProps = {
  detail: ReplayDetailBody;
  kind: ReplayKind | undefined;
  onKind: (kind: ReplayKind | undefined) => void;
};

/** Every input with the answers of both versions, what changed most first. */
export function ReplayInputs({ detail, kind, onKind }: InputsProps) {
  const { client } = useData();
  const { replay, behaviour, isSettled } = detail;
  const inputs = `${behaviour.inputs}${isSettled ? ' settled' : ''}`;
  const query = useInfiniteQuery(replayInputsQuery(client, { replayId: replay.id, kind, inputs }));
  const rows = query.data?.pages.flatMap(({ data }) => data) ?? [];
  const shown = kinds.filter((one) => countOf(behaviour, one.kind) > 0 || one.kind === kind);
  return (
    <section aria-labelledby="replay-inputs">
      <h2 id="replay-inputs" className="px-4 pt-3 pb-1 font-semibold">
        Inputs
      </h2>
      <fieldset className="flex flex-wrap gap-1 border-b border-line px-4 pb-2">
        <legend className="sr-only">Inputs to show</legend>
        <button type="button" className="btn" aria-pressed={kind === undefined} onClick={() => onKind(undefined)}>
          All {behaviour.inputs}
        </button>
        {shown.map((one) => (
          <button
            key={one.kind}
            type="button"
            className="btn"
            aria-pressed={kind === one.kind}
            onClick={() => onKind(one.kind)}
          >
            {countOf(behaviour, one.kind)} {one.label}
          </button>
        ))}
      </fieldset>
      <QueryState query={query} what="the inputs" />
      {query.data && rows.length === 0 && (
        <p className="p-4 text-text-2">
          {behaviour.inputs === 0 ? 'No input is answered by both versions yet.' : 'Nothing fits.'}
        </p>
      )}
      {rows.map((input) => (
        <Input key={input.exampleId} input={input} incumbent={replay.incumbent} candidate={replay.candidate} />
      ))}
      <ShowMore query={query}>Show more of {plural(behaviour.inputs, 'input')}</ShowMore>
    </section>
  );
}
