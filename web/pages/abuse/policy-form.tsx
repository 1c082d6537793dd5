import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { AbusePolicyBody, AbuseTrialBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { type AbuseKind, kindWords, rungLooks } from '../../data/abuse-words.ts';
import { useData } from '../../data/data-context.tsx';
import { count, plural, usd } from '../../data/format.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

type Policy = AbusePolicyBody['policy'];
type Part = { policy: Policy; set: (change: Partial<Policy>) => void };
type Step = 'log' | 'throttle' | 'challenge' | 'block';

const steps: { step: Step; label: string }[] = [
  { step: 'log', label: 'List' },
  { step: 'throttle', label: 'Throttle' },
  { step: 'challenge', label: 'Challenge' },
  { step: 'block', label: 'Block' },
];
const modes = { off: 'Look for nothing', log: 'List who would be acted upon', act: 'Act: the gateway carries it out' };
const lines = (text: string) => text.split('\n').flatMap((line) => line.trim() || []);

type NumberProps = { label: string; value: number; onValue: (value: number) => void };
function NumberInput({ label, value, onValue }: NumberProps) {
  return (
    <input
      type="number"
      min={1}
      step={1}
      required
      aria-label={label}
      className="field mono !w-28"
      value={Number.isNaN(value) ? '' : value}
      onChange={({ target }) => onValue(target.valueAsNumber)}
    />
  );
}

/** Each rung: how few honest users come to it, and how long it holds. */
function Rungs({ policy, set }: Part) {
  return (
    <fieldset>
      <legend className="text-sm font-medium">Rungs</legend>
      <p className="text-sm text-text-3">
        Of honest users at most one in so many comes to it within a month. Each hold in a row is twice as long.
      </p>
      <table className="mt-2 text-sm">
        <thead>
          <tr className="text-left text-xs text-text-3">
            <th className="pr-3 font-normal">Rung</th>
            <th className="pr-3 font-normal">One in</th>
            <th className="font-normal">Holds for minutes</th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ step, label }) => (
            <tr key={step}>
              <th scope="row" className="pr-3 text-left font-medium">
                {label}
              </th>
              <td className="py-1 pr-3">
                <NumberInput
                  label={`${label}: one in`}
                  value={policy[step].oneIn}
                  onValue={(oneIn) => set({ [step]: { ...policy[step], oneIn } })}
                />
              </td>
              <td>
                {step === 'log' ? (
                  <span className="text-text-3">a week</span>
                ) : (
                  <NumberInput
                    label={`${label}: minutes`}
                    value={policy[step].holdMinutes}
                    onValue={(holdMinutes) => set({ [step]: { ...policy[step], holdMinutes } })}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </fieldset>
  );
}

/** What honest users of the project do. */
function usualText(kind: AbuseKind, { chance, spend }: NonNullable<AbusePolicyBody['rates']>): string {
  if (kind !== 'farming') return `Usual here: up to ${((chance[kind] ?? 0) * 100).toFixed(0)} % of calls`;
  const bounds = [
    ...(spend.nanoUsd === null ? [] : [usd(spend.nanoUsd)]),
    ...(spend.tokens === null ? [] : [`${count(Math.round(spend.tokens))} tokens`]),
  ];
  return bounds.length === 0
    ? 'Not judged yet: fewer than 20 users have spent anything'
    : `Beyond ${bounds.join(' or ')} in ten minutes`;
}

function Kinds({ policy, set, rates }: Part & Pick<AbusePolicyBody, 'rates'>) {
  const kinds = Object.keys(kindWords) as AbuseKind[];
  return (
    <fieldset>
      <legend className="text-sm font-medium">What leads how high</legend>
      <div className="mt-1 grid gap-x-4 gap-y-2 sm:grid-cols-2">
        {kinds.map((kind) => (
          <Field key={kind} label={`A user who ${kindWords[kind]}`} hint={rates ? usualText(kind, rates) : undefined}>
            {(id) => (
              <select
                id={id}
                className="field"
                value={policy.highest[kind] ?? ''}
                onChange={({ target }) => {
                  const rung = steps.find(({ step }) => step === target.value)?.step ?? null;
                  set({ highest: { ...policy.highest, [kind]: rung } });
                }}
              >
                <option value="">is not looked for</option>
                {steps.map(({ step }) => (
                  <option key={step} value={step}>
                    {step === 'log' ? '' : 'up to '}
                    {rungLooks[step].text}
                  </option>
                ))}
              </select>
            )}
          </Field>
        ))}
      </div>
    </fieldset>
  );
}

function Trial({ trial: { actions, users, calls } }: { trial: AbuseTrialBody }) {
  return (
    <div role="status" className="card p-3 text-sm">
      <p>
        {actions.length === 0
          ? `It would have acted upon none of ${plural(users, 'user')}`
          : `It would have acted upon ${count(actions.length)} of ${plural(users, 'user')}`}
        , by {plural(calls, 'call')} of the last seven days. Nothing was done.
      </p>
      <ul className="mt-1 flex flex-col gap-1">
        {actions.slice(0, 10).map(({ user, rung, text }) => (
          <li key={user} className="break-words">
            <span className="font-medium">{user}</span> {rungLooks[rung].text}:{' '}
            <span className="text-text-2">{text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Whom nothing is done about. */
function Exempt({ policy, set }: Part) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="Exempt users" hint="One a line; nothing is done about them.">
        {(id) => (
          <textarea
            id={id}
            rows={3}
            className="field mono"
            defaultValue={policy.exemptUsers.join('\n')}
            onChange={({ target }) => set({ exemptUsers: lines(target.value) })}
          />
        )}
      </Field>
      <Field label="Exempt keys" hint="Ids, one a line; their calls are never refused.">
        {(id) => (
          <textarea
            id={id}
            rows={3}
            className="field mono"
            defaultValue={policy.exemptKeys.join('\n')}
            onChange={({ target }) => set({ exemptKeys: lines(target.value) })}
          />
        )}
      </Field>
    </div>
  );
}

/** What is done about whom; tried before it is set. */
export function PolicyForm({ given, onClose }: { given: AbusePolicyBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [policy, setPolicy] = useState(given.policy);
  const set = (change: Partial<Policy>) => setPolicy((was) => ({ ...was, ...change }));
  const trial = useMutation({ mutationFn: () => client.call('tryAbusePolicy', { body: policy }) });
  const save = useMutation({
    mutationFn: () => client.call('setAbusePolicy', { body: policy }),
    onSuccess: async (body) => {
      toast('✓ The policy is set');
      onClose();
      queryClient.setQueryData(['abuse', 'policy'], body);
      await queryClient.invalidateQueries({ queryKey: ['abuse'] });
    },
  });
  return (
    <Dialog title="Policy" onClose={onClose} width={640}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field label="What is done" hint="Nothing is ever done about calls that name no user.">
          {(id) => (
            <select
              id={id}
              className="field"
              value={policy.mode}
              onChange={({ target }) => {
                const mode = (['off', 'log', 'act'] as const).find((one) => one === target.value);
                if (mode !== undefined) set({ mode });
              }}
            >
              {Object.entries(modes).map(([mode, words]) => (
                <option key={mode} value={mode}>
                  {words}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Rungs {...{ policy, set }} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Calls a minute while throttled" hint="On each server.">
            {(id) => (
              <input
                id={id}
                type="number"
                min={1}
                step={1}
                required
                className="field mono"
                value={Number.isNaN(policy.throttle.callsPerMinute) ? '' : policy.throttle.callsPerMinute}
                onChange={({ target }) =>
                  set({ throttle: { ...policy.throttle, callsPerMinute: target.valueAsNumber } })
                }
              />
            )}
          </Field>
          <Field label="Where a challenge is passed" hint="Your app hands this address to its user.">
            {(id) => (
              <input
                id={id}
                type="url"
                className="field mono"
                placeholder="https://app.example/prove"
                value={policy.challenge.url ?? ''}
                onChange={({ target }) =>
                  set({ challenge: { ...policy.challenge, url: target.value === '' ? null : target.value } })
                }
              />
            )}
          </Field>
        </div>
        <Kinds {...{ policy, set, rates: given.rates }} />
        <Exempt {...{ policy, set }} />
        {given.rates && (
          <p className="text-sm text-text-3">
            {given.rates.users < 20
              ? 'Fewer than 20 users have made 20 calls: until then values hold that are safe anywhere.'
              : `What is usual was learned from ${plural(given.rates.users, 'user')} with 20 calls or more.`}
          </p>
        )}
        {trial.data && <Trial trial={trial.data} />}
        {(trial.error ?? save.error) && <ErrorText error={(trial.error ?? save.error) as Error} />}
        <DialogActions>
          <button type="button" className="btn" disabled={trial.isPending} onClick={() => trial.mutate()}>
            Try on the last week
          </button>
          <button type="submit" className="btn btn-primary" disabled={save.isPending}>
            Set policy
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
