import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type BudgetPeriod, type ControlScope, controlScopes, eachSubject } from '@wheelhouse/core/records';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { scopeNames, useSubjects } from './use-subjects.ts';

type Whose = { scope: ControlScope; subject: string };
const body = ({ scope, subject }: Whose) => (scope === 'project' ? { scope } : { scope, subject });

/** Whose calls count together. */
function WhoseFields({ whose, onChange }: { whose: Whose; onChange: (whose: Whose) => void }) {
  const { scope, subject } = whose;
  const subjects = useSubjects().of(scope);
  const setSubject = (next: string) => onChange({ scope, subject: next });
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="For">
        {(id) => (
          <select
            id={id}
            className="field"
            value={scope}
            onChange={(event) => onChange({ scope: event.target.value as ControlScope, subject: eachSubject })}
          >
            {controlScopes.map((one) => (
              <option key={one} value={one}>
                {one === 'project' ? 'the whole project' : `a ${scopeNames[one]}`}
              </option>
            ))}
          </select>
        )}
      </Field>
      {scope !== 'project' && scope !== 'user' && (
        <Field label="Which">
          {(id) => (
            <select id={id} className="field" value={subject} onChange={(event) => setSubject(event.target.value)}>
              <option value={eachSubject}>each without one of its own</option>
              {subjects.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {scope === 'user' && (
        <Field label="Which" hint="As requests name one; * is each without one of its own.">
          {(id) => (
            <input
              id={id}
              className="field mono"
              required
              maxLength={500}
              autoComplete="off"
              value={subject}
              onChange={(event) => setSubject(event.target.value)}
            />
          )}
        </Field>
      )}
    </div>
  );
}

type FormProps = {
  title: string;
  action: string;
  run: () => Promise<unknown>;
  done: string;
  onClose: () => void;
  children: ReactNode;
};

function ControlForm({ title, action, run, done, onClose, children }: FormProps) {
  const queryClient = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: run,
    onSuccess: async () => {
      toast(`✓ ${done}`);
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['gateway-usage'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={title} onClose={onClose} width={520}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        {children}
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={save.isPending}>
            {action}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

const periods: { value: BudgetPeriod; text: string }[] = [
  { value: 'day', text: 'a day' },
  { value: 'week', text: 'a week, from Monday' },
  { value: 'month', text: 'a month' },
  { value: 'total', text: 'in all' },
];

/** What calls may cost; it takes the place of the one for the same and the same period. */
export function BudgetForm({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const [whose, setWhose] = useState<Whose>({ scope: 'project', subject: eachSubject });
  const [usd, setUsd] = useState('');
  const [period, setPeriod] = useState<BudgetPeriod>('month');
  const [hard, setHard] = useState(true);
  const [alertAt, setAlertAt] = useState('80');
  return (
    <ControlForm
      title="Set a budget"
      action="Set the budget"
      run={() =>
        client.call('setBudget', { body: { ...body(whose), usd, period, hard, alertAt: Number(alertAt) / 100 } })
      }
      done="The budget is set"
      onClose={onClose}
    >
      <WhoseFields whose={whose} onChange={setWhose} />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Dollars">
          {(id) => (
            <input
              id={id}
              className="field mono"
              inputMode="decimal"
              pattern="\d{1,7}(?:\.\d{1,9})?"
              placeholder="25"
              required
              autoComplete="off"
              value={usd}
              onChange={(event) => setUsd(event.target.value)}
            />
          )}
        </Field>
        <Field label="Period" hint="Begins at midnight UTC.">
          {(id) => (
            <select
              id={id}
              className="field"
              value={period}
              onChange={(event) => setPeriod(event.target.value as BudgetPeriod)}
            >
              {periods.map(({ value, text }) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="At its end"
          hint={hard ? 'Before a call, the most that it may cost is reserved.' : 'Nothing is refused.'}
        >
          {(id) => (
            <select
              id={id}
              className="field"
              value={hard ? 'hard' : 'soft'}
              onChange={(event) => setHard(event.target.value === 'hard')}
            >
              <option value="hard">refuse calls (hard)</option>
              <option value="soft">mark it (soft)</option>
            </select>
          )}
        </Field>
        <Field label="Mark it from, in percent">
          {(id) => (
            <input
              id={id}
              type="number"
              className="field"
              min={1}
              max={100}
              required
              value={alertAt}
              onChange={(event) => setAlertAt(event.target.value)}
            />
          )}
        </Field>
      </div>
    </ControlForm>
  );
}

const measures = [
  { name: 'requestsPerMinute', label: 'Requests a minute', placeholder: '600' },
  { name: 'tokensPerMinute', label: 'Tokens a minute', placeholder: '200000' },
  { name: 'parallelCalls', label: 'Calls at once', placeholder: '20' },
] as const;

/** How fast calls may come; it takes the place of the one for the same. */
export function LimitForm({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const [whose, setWhose] = useState<Whose>({ scope: 'project', subject: eachSubject });
  const [most, setMost] = useState<Record<string, string>>({});
  const given = Object.fromEntries(
    Object.entries(most).flatMap(([name, text]) => (text === '' ? [] : [[name, Number(text)]])),
  );
  return (
    <ControlForm
      title="Set a limit"
      action="Set the limit"
      run={() => client.call('setLimit', { body: { ...body(whose), ...given } })}
      done="The limit is set"
      onClose={onClose}
    >
      <WhoseFields whose={whose} onChange={setWhose} />
      <fieldset>
        <legend className="text-sm font-medium">At most; what is left empty is not limited</legend>
        <div className="mt-1 grid gap-3 sm:grid-cols-3">
          {measures.map(({ name, label, placeholder }) => (
            <Field key={name} label={label}>
              {(id) => (
                <input
                  id={id}
                  type="number"
                  className="field"
                  min={0}
                  placeholder={placeholder}
                  value={most[name] ?? ''}
                  onChange={(event) => setMost({ ...most, [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
      </fieldset>
    </ControlForm>
  );
}
