import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ModelBody, ResponseBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../data/data-context.tsx';
import { datasetsQuery, modelsQuery } from '../data/queries.ts';
import { newReleaseDraft, type ReleaseDraft, readyName, releaseBody } from '../data/release-draft.ts';
import { releasePlanQuery } from '../data/release-queries.ts';
import { percent } from '../data/release-words.ts';
import { CallersWarning } from './callers-warning.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { RailFields } from './rail-fields.tsx';
import { ReleaseShareFields } from './release-share-fields.tsx';
import { ReplayForm } from './replay-form.tsx';
import { ErrorText } from './request-state.tsx';
import { StartFooter } from './start-footer.tsx';
import { useSettled } from './use-settled.ts';

type Part = { draft: ReleaseDraft; set: (change: Partial<ReleaseDraft>) => void };
type Plan = ResponseBody<'planRelease'>;

/** Production where there is one. */
const firstAlias = (model: ModelBody | undefined): string =>
  (model?.aliases.find(({ alias }) => alias === 'production') ?? model?.aliases[0])?.alias ?? '';

/** The newest version that the alias is not at. */
function firstCandidate(model: ModelBody | undefined, alias: string): string {
  const at = model?.aliases.find((one) => one.alias === alias)?.version;
  const newest = model?.latest ?? 0;
  const other = newest === at ? newest - 1 : newest;
  return at === undefined || other < 1 ? '' : String(other);
}

/** What takes over from what. */
function WhatFields({ draft, set, models }: Part & { models: readonly ModelBody[] }) {
  const model = models.find(({ name }) => name === draft.model);
  const at = model?.aliases.find(({ alias }) => alias === draft.alias)?.version;
  const versions = Array.from({ length: model?.latest ?? 0 }, (_, i) => (model?.latest ?? 0) - i);
  const choose = (name: string) => {
    const next = models.find((one) => one.name === name);
    const alias = firstAlias(next);
    set({ model: name, alias, candidate: firstCandidate(next, alias), rails: null });
  };
  const chooseAlias = (alias: string) => set({ alias, candidate: firstCandidate(model, alias), rails: null });
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field label="Model">
        {(id) => (
          <select
            id={id}
            className="field mono"
            required
            value={draft.model}
            onChange={(event) => choose(event.target.value)}
          >
            {model === undefined && <option value="">choose one</option>}
            {models.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Alias" hint={at === undefined ? undefined : `Its calls are answered by v${at}.`}>
        {(id) => (
          <select
            id={id}
            className="field mono"
            required
            value={draft.alias}
            onChange={(event) => chooseAlias(event.target.value)}
          >
            {model?.aliases.map(({ alias }) => (
              <option key={alias}>{alias}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="New version">
        {(id) => (
          <select
            id={id}
            className="field mono"
            required
            value={draft.candidate}
            onChange={(event) => set({ candidate: event.target.value })}
          >
            {draft.candidate === '' && <option value="">none</option>}
            {versions
              .filter((version) => version !== at)
              .map((version) => (
                <option key={version} value={version}>
                  v{version}
                </option>
              ))}
          </select>
        )}
      </Field>
    </div>
  );
}

/** How sure a verdict has to be. */
function RiskFields({ draft, set }: Part) {
  const number = (label: string, key: 'falseRollback' | 'missedRegression' | 'minimum', hint: string) => (
    <Field label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          type="number"
          required
          className="field mono"
          {...(key === 'minimum' ? { min: 10, max: 100_000, step: 1 } : { min: 0.1, max: 50, step: 'any' })}
          value={draft[key]}
          onChange={(event) => set({ [key]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">How sure it has to be</legend>
      <div className="grid gap-3 sm:grid-cols-3">
        {number('False rollback, %', 'falseRollback', 'How often one is rolled back that loses nothing.')}
        {number('Missed regression, %', 'missedRegression', 'How often one is promoted that loses as much as matters.')}
        {number('Values of each rail', 'minimum', 'Before a promotion.')}
      </div>
    </fieldset>
  );
}

/** What comes after, and why it is done. */
function AfterFields({ draft, set }: Part) {
  const { client } = useData();
  const datasets = useQuery(datasetsQuery(client)).data ?? [];
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {!draft.listens && (
        <Field label="Calls that failed become draft examples of" hint="When it is rolled back.">
          {(id) => (
            <select
              id={id}
              className="field"
              value={draft.examples}
              onChange={(event) => set({ examples: event.target.value })}
            >
              <option value="">no dataset</option>
              {datasets.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Field label="Message">
        {(id) => (
          <input
            id={id}
            className="field"
            maxLength={1_000}
            autoComplete="off"
            placeholder="what is new in it"
            value={draft.message}
            onChange={(event) => set({ message: event.target.value })}
          />
        )}
      </Field>
      {!draft.listens && (
        <label className="flex min-h-6 items-center gap-2 sm:col-span-2">
          <input
            type="checkbox"
            checked={draft.promotesItself}
            onChange={(event) => set({ promotesItself: event.target.checked })}
          />
          Promote it by itself when nothing is worse
        </label>
      )}
    </div>
  );
}

/** What becomes of its share. */
function goesOn({ steps = [], allocation }: NonNullable<ReturnType<typeof releaseBody>>): string {
  if (allocation)
    return `, moving between ${percent(allocation.floor ?? 0)} and ${percent(allocation.ceiling ?? 1)} by how it does`;
  return steps.length > 1 ? `, growing to ${percent(steps.at(-1)?.share ?? 0)}` : '';
}

type SummaryProps = {
  draft: ReleaseDraft;
  plan: Plan | undefined;
  error: Error | null;
  onReady: (name: string) => void;
};

/** What will happen, in words; what speaks against it. */
function Summary({ draft, plan, error, onReady }: SummaryProps) {
  const body = releaseBody(draft);
  if (error) return <ErrorText error={error} />;
  if (body === null || plan === undefined)
    return <p className="text-text-3">Choose a model with an alias, and a version that is to take it over.</p>;
  const rails = draft.rails ?? plan.rails;
  const isReady = draft.readyFor === readyName(draft);
  if (plan.breaking.length > 0 && !isReady)
    return (
      <CallersWarning of={`v${plan.incumbent}`} to={`v${plan.candidate}`} breaking={plan.breaking}>
        <button type="button" className="btn mt-2" onClick={() => onReady(readyName(draft))}>
          They are ready: start it all the same
        </button>
      </CallersWarning>
    );
  const watched = rails.map(({ name }) => name).join(', ');
  if (draft.listens)
    return (
      <p role="status" className="rounded-2 bg-sunken px-3 py-2">
        v{plan.incumbent} answers every call of <span className="mono">{`${draft.model}@${draft.alias}`}</span>. v
        {draft.candidate} is asked <b className="font-semibold">{percent(body.share ?? 0)}</b> of them as well, after
        the answer went out, and answers nobody. {watched === '' ? '▲ Nothing is compared.' : `Compared: ${watched}.`}{' '}
        What it is asked costs as any call does.
      </p>
    );
  return (
    <p role="status" className="rounded-2 bg-sunken px-3 py-2">
      <b className="font-semibold">{percent(body.share ?? body.steps?.[0]?.share ?? 0)}</b> of{' '}
      <span className="mono">{`${draft.model}@${draft.alias}`}</span> goes to v{draft.candidate}
      {goesOn(body)}, the rest stays with v{plan.incumbent}.{' '}
      {rails.length === 0
        ? '▲ Nothing is watched, so nothing rolls it back.'
        : `It is rolled back by itself when it is worse, beyond chance: ${watched}.`}{' '}
      {draft.rails === null && plan.without.length > 0 && `Not watched: ${plan.without.join('; ')}. `}
      {draft.promotesItself ? 'It is promoted by itself when nothing is.' : 'When nothing is, you may promote it.'}
    </p>
  );
}

type ReleaseFormProps = {
  /** What is known already. */
  model?: string | undefined;
  alias?: string | undefined;
  candidate?: number | undefined;
  onClose: () => void;
};

/** Asks what is to take an alias over and what must not become worse, and starts it; its page shows the rest. */
export function ReleaseForm({ onClose, ...given }: ReleaseFormProps) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const models = (useQuery(modelsQuery(client)).data ?? []).filter(
    ({ latest, aliases }) => latest > 1 && aliases.length > 0,
  );
  const first = models.find(({ name }) => name === given.model) ?? (given.model === undefined ? models[0] : undefined);
  const alias = given.alias ?? firstAlias(first);
  const isThere = first?.aliases.some((one) => one.alias === alias && one.version === given.candidate);
  const candidate = given.candidate === undefined || isThere ? firstCandidate(first, alias) : String(given.candidate);
  const [changes, setChanges] = useState<Partial<ReleaseDraft>>({});
  const [replays, setReplays] = useState(false);
  const draft = { ...newReleaseDraft, model: first?.name ?? '', alias, candidate, ...changes };
  const set = (change: Partial<ReleaseDraft>) => setChanges((before) => ({ ...before, ...change }));
  const body = releaseBody(draft);
  const asked = useSettled(
    draft.model === '' || draft.candidate === ''
      ? null
      : {
          ...{ model: draft.model, alias: draft.alias, candidate: Number(draft.candidate) },
          ...(draft.listens ? { shadow: {} } : {}),
        },
  );
  const plan = useQuery({
    ...releasePlanQuery(client, asked ?? { model: '', candidate: 1 }),
    enabled: asked !== null,
  });
  const start = useMutation({
    mutationFn: (all: NonNullable<typeof body>) => client.call('startRelease', { body: all }),
    onSuccess: async ({ id: releaseId, model }) => {
      onClose();
      await navigate({ to: '/releases/$releaseId', params: { releaseId } });
      await Promise.all(
        [['releases'], ['models'], ['model-pages'], ['model', model]].map((queryKey) =>
          queryClient.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
  if (replays)
    return <ReplayForm model={draft.model} alias={draft.alias} candidate={Number(draft.candidate)} onClose={onClose} />;
  return (
    <Dialog title="Start a release" onClose={onClose} width={760}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) start.mutate(body);
        }}
      >
        <WhatFields draft={draft} set={set} models={models} />
        {draft.model !== '' && draft.candidate !== '' && (
          <p className="text-sm text-text-2">
            What would change for callers?{' '}
            <button type="button" className="link min-h-6 underline" onClick={() => setReplays(true)}>
              Replay first
            </button>
            : both versions are asked what the alias was asked last.
          </p>
        )}
        <ReleaseShareFields draft={draft} set={set} at={plan.data?.incumbent} />
        <RailFields
          plan={asked === null ? undefined : plan.data}
          rails={draft.rails}
          onRails={(rails) => set({ rails })}
        />
        <RiskFields draft={draft} set={set} />
        <AfterFields draft={draft} set={set} />
        <StartFooter
          estimate={
            <Summary
              draft={draft}
              plan={plan.data}
              error={asked === null ? null : plan.error}
              onReady={(readyFor) => set({ readyFor })}
            />
          }
          start={start}
          isReady={
            body !== null && plan.data !== undefined && (plan.data.breaking.length === 0 || body.breaking === true)
          }
          label="Start the release"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
