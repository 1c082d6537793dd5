import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural, usd } from '../../data/format.ts';
import { scorersOfAny } from '../../data/scorer-choices.ts';
import { newScoringDraft, type ScoringDraft, scoringBody } from '../../data/scoring-draft.ts';
import { scoringEstimateQuery } from '../../data/scoring-queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { DollarField } from '../../parts/dollar-field.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { ScorerFields } from '../../parts/scorer-fields.tsx';
import { ShareField } from '../../parts/share-field.tsx';
import { StartFooter } from '../../parts/start-footer.tsx';
import { useSettled } from '../../parts/use-settled.ts';

type Targets = { of: 'traces' | 'sessions'; q: string };
type Part = { draft: ScoringDraft; set: (change: Partial<ScoringDraft>) => void };

/** Which of them: a share, so many at most, and how much judges may cost. */
function Bounds({ draft, set }: Part) {
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <ShareField hint="The same ones each time." value={draft.share} onChange={(share) => set({ share })} />
      <Field label="At most" hint="The newest come first.">
        {(id) => (
          <input
            id={id}
            type="number"
            min={1}
            max={100_000}
            required
            className="field"
            value={draft.most}
            onChange={(event) => set({ most: event.target.value })}
          />
        )}
      </Field>
      <DollarField hint="Of judges; it stops there." value={draft.cap} onChange={(cap) => set({ cap })} />
    </div>
  );
}

/** How many there are and what judges would cost; what is wrong with it before it starts. */
function Estimate({ targets, draft }: { targets: Targets; draft: ScoringDraft }) {
  const { client } = useData();
  const body = useSettled(scoringBody(targets, draft));
  const { data, error } = useQuery({
    ...scoringEstimateQuery(client, body ?? { scorers: [] }),
    enabled: body !== null,
  });
  if (body === null) return <p className="text-text-3">Choose a scorer.</p>;
  if (error) return <ErrorText error={error} />;
  if (!data) return <p className="text-text-3">Estimating …</p>;
  const calls = Math.round(data.judges.reduce((sum, judge) => sum + judge.calls, 0) * data.total);
  const unknown = data.judges.filter(({ nanoUsd }) => nanoUsd === null).map(({ scorer }) => scorer.split(' ')[0]);
  return (
    <p role="status" className="rounded-2 bg-sunken px-3 py-2">
      <b className="font-semibold">
        {targets.of === 'sessions' && 'about '}
        {plural(data.total, targets.of === 'sessions' ? 'session' : 'trace')}
      </b>{' '}
      × {plural(data.scorers.length, 'scorer')}
      {calls === 0 ? (
        ', without a call of a model.'
      ) : (
        <>
          , about {plural(calls, 'call')} of judges for <b className="mono font-semibold">{usd(data.costNanoUsd)}</b>.
        </>
      )}
      {unknown.length > 0 && <span className="text-text-2"> Of {unknown.join(', ')} no price is known.</span>}
    </p>
  );
}

/** Scores what the filter lets through: by what, which share of it, for how much; the list of scorings shows the rest. */
export function ScoreThese({ targets, onClose }: { targets: Targets; onClose: () => void }) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(newScoringDraft);
  const set = (change: Partial<ScoringDraft>) => setDraft((before) => ({ ...before, ...change }));
  const body = scoringBody(targets, draft);
  const start = useMutation({
    mutationFn: (asked: NonNullable<typeof body>) => client.call('createScoring', { body: asked }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['scorings'] });
      await navigate({ to: '/traces/scorings' });
    },
  });
  return (
    <Dialog title={`Score these ${targets.of}`} onClose={onClose} width={680}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) start.mutate(body);
        }}
      >
        <p className="text-text-2">
          {targets.q === '' ? (
            `All ${targets.of}; a filter in the list takes fewer.`
          ) : (
            <>
              Those that fit <code className="mono break-words text-text">{targets.q}</code>.
            </>
          )}{' '}
          {targets.of === 'sessions' && 'The last answer of each is judged, after what was said before. '}
          What a scorer has scored already is neither judged nor paid again.{' '}
          <Link to="/traces/scorings" className="link underline">
            Earlier scorings
          </Link>
          {' · '}
          <Link to="/traces/online" className="link underline">
            Score what arrives
          </Link>
        </p>
        <ScorerFields
          groups={scorersOfAny}
          scorers={draft.scorers}
          more={draft.more}
          onScorers={(scorers) => set({ scorers })}
          onMore={(more) => set({ more })}
          example={'kind=judge_rubric {"model":"openai/gpt-4o-mini","rubric":"Is it kind?"}'}
          hint="Judges, code and limits: a name for the scores and = where wanted, the scorer, then its options as JSON."
        />
        <Bounds draft={draft} set={set} />
        <StartFooter
          estimate={<Estimate targets={targets} draft={draft} />}
          start={start}
          isReady={body !== null}
          label="Score"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
