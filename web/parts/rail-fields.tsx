import { useQuery } from '@tanstack/react-query';
import type { ResponseBody } from '@wheelhouse/sdk';
import { useId } from 'react';
import { useData } from '../data/data-context.tsx';
import { type Rail, railRule } from '../data/release-words.ts';
import { scoreNamesQuery } from '../data/trace-queries.ts';

type RailFieldsProps = {
  plan: ResponseBody<'planRelease'> | undefined;
  /** null: those of the plan. */
  rails: Rail[] | null;
  onRails: (rails: Rail[]) => void;
};

const points = (effect: number) => String(Number((effect * 100).toPrecision(3)));

/** What must not become worse: those that history suggests, ticked, and scores that one adds. */
export function RailFields({ plan, rails, onRails }: RailFieldsProps) {
  const { client } = useData();
  const id = useId();
  const scores = useQuery(scoreNamesQuery(client)).data ?? [];
  const watched = rails ?? plan?.rails ?? [];
  const known = [
    ...(plan?.rails ?? []),
    ...watched.filter(({ name }) => !plan?.rails.some((one) => one.name === name)),
  ];
  const isWatched = ({ name }: Rail) => watched.some((one) => one.name === name);
  const taken = new Set(known.flatMap((rail) => (rail.kind === 'quality' ? [rail.score] : [])));
  const free = scores.filter((name) => !taken.has(name) && !known.some((rail) => rail.name === name));
  const toggle = (rail: Rail) =>
    onRails(isWatched(rail) ? watched.filter(({ name }) => name !== rail.name) : [...watched, rail]);
  const resize = (rail: Rail, text: string) => {
    const effect = Number(text) / 100;
    if (effect > 0 && effect <= 0.5) onRails(watched.map((one) => (one.name === rail.name ? { ...one, effect } : one)));
  };
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">What must not become worse</legend>
      {plan === undefined ? (
        <p className="text-text-3">It is known when a version and what answers now are.</p>
      ) : (
        <ul className="rounded-2 border border-line">
          {known.map((rail, i) => {
            const mine = watched.find(({ name }) => name === rail.name) ?? rail;
            return (
              <li
                key={rail.name}
                className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 border-b border-line px-3 py-1.5 last:border-b-0"
              >
                <label className="flex min-h-6 min-w-0 items-baseline gap-2">
                  <input
                    type="checkbox"
                    className="translate-y-0.5"
                    checked={isWatched(rail)}
                    onChange={() => toggle(mine)}
                  />
                  <span className="min-w-0">
                    <span className="font-medium">{rail.name}</span>{' '}
                    <span className="text-sm break-words text-text-3">{railRule(mine)}</span>
                  </span>
                </label>
                {isWatched(rail) && (
                  <span className="flex items-center gap-1 text-sm text-text-3">
                    <label htmlFor={`${id}-${i}`}>
                      <span className="sr-only">Smallest loss of {rail.name} that matters,</span> loss in pp
                    </label>
                    <input
                      id={`${id}-${i}`}
                      type="number"
                      min={0.1}
                      max={50}
                      step="any"
                      className="field mono !w-20"
                      title="The smallest loss that matters, of the whole range"
                      defaultValue={points(mine.effect)}
                      onChange={(event) => resize(rail, event.target.value)}
                    />
                  </span>
                )}
              </li>
            );
          })}
          {free.length > 0 && (
            <li className="px-3 py-1.5">
              <select
                aria-label="Add a score"
                className="field !w-auto max-w-full"
                value=""
                onChange={({ target: { value } }) =>
                  onRails([...watched, { kind: 'quality', name: value, score: value, low: 0, high: 1, effect: 0.05 }])
                }
              >
                <option value="">Add a score between 0 and 1 …</option>
                {free.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </li>
          )}
        </ul>
      )}
      {plan !== undefined && plan.without.length > 0 && (
        <p className="mt-1 text-sm text-text-3">Not watched: {plan.without.join('; ')}.</p>
      )}
    </fieldset>
  );
}
