import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { OnlineEvaluationBody, ResponseBody } from '@wheelhouse/sdk';
import { useEffect, useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, usd } from '../../data/format.ts';
import { newOnlineDraft, type OnlineDraft, onlineBody, onlineDraftOf } from '../../data/online-queries.ts';
import { scorersOfAny } from '../../data/scorer-choices.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { DollarField } from '../../parts/dollar-field.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { ScorerFields } from '../../parts/scorer-fields.tsx';
import { ShareField } from '../../parts/share-field.tsx';
import { StartFooter } from '../../parts/start-footer.tsx';
import { useToast } from '../../parts/toast.tsx';

type Part = { draft: OnlineDraft; set: (change: Partial<OnlineDraft>) => void };

const kinds = ['generation', 'agent', 'tool', 'retriever', 'reranker', 'chain', 'guardrail', 'embedding'] as const;

const targets = [
  { of: 'traces', label: 'Traces', text: 'what went in and what came out' },
  { of: 'spans', label: 'Spans', text: 'each step of a kind, on its own' },
  { of: 'sessions', label: 'Sessions', text: 'the last answer, when nothing more comes' },
  { of: 'follow_ups', label: 'Follow-ups', text: 'whether the same was asked again soon after' },
] as const;

function Target({ draft, set }: Part) {
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="mb-1 text-sm font-medium">Of</legend>
      <div className="grid gap-x-4 sm:grid-cols-2">
        {targets.map(({ of, label, text }) => (
          <label key={of} className="flex min-h-6 items-baseline gap-2">
            <input
              type="radio"
              name="of"
              className="translate-y-0.5"
              checked={draft.of === of}
              onChange={() => set({ of })}
            />
            <span className="flex-none">{label}</span>
            <span className="min-w-0 text-sm text-text-3">{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function SpanFields({ draft, set }: Part) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="Kind of span">
        {(id) => (
          <select id={id} className="field" value={draft.spanKind} onChange={(e) => set({ spanKind: e.target.value })}>
            <option value="">any</option>
            {kinds.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Name of span" hint="* stands for anything.">
        {(id) => (
          <input
            id={id}
            className="field mono"
            placeholder="any"
            value={draft.spanName}
            onChange={(e) => set({ spanName: e.target.value })}
          />
        )}
      </Field>
    </div>
  );
}

function Bounds({ draft, set }: Part) {
  const waits = draft.of === 'sessions' || draft.of === 'follow_ups';
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <ShareField
        hint="By their ids: the same on every server."
        value={draft.share}
        onChange={(share) => set({ share })}
      />
      {draft.of !== 'follow_ups' && (
        <DollarField
          label="Dollars a day"
          hint="Of judges, by UTC; then it waits for the next day."
          placeholder="no limit"
          value={draft.budget}
          onChange={(budget) => set({ budget })}
        />
      )}
      {waits && (
        <Field
          label="Minutes to wait"
          hint={draft.of === 'sessions' ? 'So long nothing came.' : 'So soon after the same is asked again.'}
        >
          {(id) => (
            <input
              id={id}
              type="number"
              min="0.1"
              max="1440"
              step="any"
              required
              className="field"
              value={draft.wait}
              onChange={(e) => set({ wait: e.target.value })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

/** What it says of the newest, and what a day of it would cost. */
function Tried({ tried }: { tried: ResponseBody<'tryOnlineEvaluation'> }) {
  const { looked, perDay, perDayNanoUsd, rows } = tried;
  const ref = useRef<HTMLElement>(null);
  // It stands below what was filled in.
  useEffect(() => {
    if (tried) ref.current?.scrollIntoView({ block: 'center' });
  }, [tried]);
  return (
    <section ref={ref} aria-label="What it says" className="flex flex-col gap-2 rounded-2 border border-line p-3">
      <p role="status">
        <b className="font-semibold">{count(looked)} of the newest were looked at.</b> {count(perDay)} of the last 24
        hours fit
        {perDayNanoUsd === null ? (
          '; what a day would cost is not known.'
        ) : (
          <>
            : about <span className="mono">{usd(perDayNanoUsd)}</span> a day.
          </>
        )}
      </p>
      <ul className="flex flex-col gap-2">
        {rows.map(({ traceId, spanId, sessionId, input, output, scores }) => (
          <li key={`${traceId} ${spanId} ${sessionId}`} className="min-w-0 border-t border-line pt-2">
            <p className="truncate">{input}</p>
            <p className="truncate text-text-2">{output}</p>
            <ul className="flex flex-wrap gap-x-3">
              {scores.map(({ name, result }) => (
                <li key={name} className={result.ok ? '' : 'text-bad'}>
                  <span className="mono">{name}</span>{' '}
                  {result.ok ? (
                    <b className="font-semibold">{result.score === null ? result.label : result.score.toFixed(2)}</b>
                  ) : (
                    `✕ ${result.error}`
                  )}
                  {result.ok && result.reason !== null && <span className="text-text-3"> {result.reason}</span>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A new online evaluation, or one that is changed; it can be tried on what is there before it is saved. */
export function OnlineForm({ online, onClose }: { online: OnlineEvaluationBody | null; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(online === null ? newOnlineDraft : onlineDraftOf(online));
  const set = (change: Partial<OnlineDraft>) => setDraft((before) => ({ ...before, ...change }));
  const body = onlineBody(draft);
  const save = useMutation({
    mutationFn: (asked: NonNullable<typeof body>) =>
      client.call('setOnlineEvaluation', { params: { online: draft.name }, body: asked }),
    onSuccess: async () => {
      toast(`✓ ${draft.name} scores what arrives from now on`);
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['online'] });
    },
  });
  const tries = useMutation({
    mutationFn: (asked: NonNullable<typeof body>) => client.call('tryOnlineEvaluation', { body: asked }),
  });
  return (
    <Dialog title={online === null ? 'New online evaluation' : `Change ${online.name}`} onClose={onClose} width={720}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) save.mutate(body);
        }}
      >
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Name">
            {(id) => (
              <input
                id={id}
                className="field mono"
                required
                disabled={online !== null}
                pattern="[a-z0-9]([a-z0-9._\-]{0,98}[a-z0-9])?"
                title="a-z 0-9 . _ -"
                value={draft.name}
                onChange={(e) => set({ name: e.target.value })}
              />
            )}
          </Field>
          <Field label="Filter" hint="Without a time and without scores; empty: all that arrives.">
            {(id) => (
              <input
                id={id}
                className="field mono"
                placeholder="model:support-bot"
                spellCheck={false}
                value={draft.q}
                onChange={(e) => set({ q: e.target.value })}
              />
            )}
          </Field>
        </div>
        <Target draft={draft} set={set} />
        {draft.of === 'spans' && <SpanFields draft={draft} set={set} />}
        {draft.of === 'follow_ups' ? (
          <p className="text-text-2">
            Each trace of a known session or user gets the scores <code className="mono">regenerated</code>,{' '}
            <code className="mono">rephrased</code> and <code className="mono">settled</code>; no model is asked.
          </p>
        ) : (
          <ScorerFields
            groups={scorersOfAny}
            scorers={draft.scorers}
            more={draft.more}
            onScorers={(scorers) => set({ scorers })}
            onMore={(more) => set({ more })}
            example={'kind=judge_rubric {"model":"openai/gpt-4o-mini","rubric":"Is it kind?"}'}
            hint="Judges and code: a name for the scores and = where wanted, the scorer, then its options as JSON."
          />
        )}
        <Bounds draft={draft} set={set} />
        {tries.data && <Tried tried={tries.data} />}
        <StartFooter
          estimate={
            <div className="flex flex-wrap items-center gap-2">
              <button
                type="button"
                className="btn"
                disabled={body === null || tries.isPending}
                onClick={() => body && tries.mutate(body)}
              >
                {tries.isPending ? 'Trying …' : 'Try on 10 recent'}
              </button>
              <span className="text-text-2">
                {body === null ? 'Choose a scorer.' : 'Nothing is kept; judges are asked, and cost.'}
              </span>
              {tries.error && <ErrorText error={tries.error} />}
            </div>
          }
          start={save}
          isReady={body !== null && draft.name !== ''}
          label={online === null ? 'Score what arrives' : 'Save'}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
