import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { allows } from '@wheelhouse/core/contract/permissions';
import type { OptimizationBody, ResponseBody } from '@wheelhouse/sdk';
import { type ComponentProps, type FormEvent, useState } from 'react';
import { useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { modelsQuery } from '../../data/queries.ts';
import { aliasRulesQuery } from '../../data/registry-queries.ts';
import { CallersWarning } from '../../parts/callers-warning.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

type Published = ResponseBody<'publishOptimization'>;

/** Why it cannot be published; null: it can. */
export function whyNotPublished({ state, report, isPublishable }: OptimizationBody): string | null {
  if (isPublishable) return null;
  if (report === null) return state === 'done' ? 'It was not compared.' : 'It has not ended.';
  if (report.verdict !== 'gain') return 'Nothing was found that is known to be better.';
  return 'It holds code, which runs where it is: keep its candidate there.';
}

type HeldBackProps = {
  done: Published;
  alias: string;
  error: Error | null;
  /** Moves it although callers may fail. */
  onAgain: () => void;
  onClose: () => void;
};

/** Published, but the alias stays where it is: what holds it back, and what to do. */
function HeldBack({ done, alias, error, onAgain, onClose }: HeldBackProps) {
  const { published, heldBack } = done;
  const breaks = heldBack !== null && heldBack.breaking.length > 0;
  return (
    <>
      <p>
        ✓ It is published as{' '}
        <Link
          to="/models/$name"
          params={{ name: published.name }}
          search={{ version: published.version }}
          className="link underline"
        >
          {published.name} v{published.version}
        </Link>
        . The alias was not moved:
      </p>
      <div className="mt-3">
        {breaks ? (
          <CallersWarning of={`@${alias}`} to={`v${published.version}`} breaking={heldBack.breaking} />
        ) : (
          <div role="alert" className="rounded-2 border border-line bg-warn-bg px-3 py-2 text-warn">
            <p className="font-medium break-words">▲ {heldBack?.message}</p>
            <p className="text-sm break-words">{heldBack?.hint}</p>
          </div>
        )}
      </div>
      {error && <ErrorText error={error} />}
      <DialogActions>
        <Link to="/models/$name" params={{ name: published.name }} search={{ tab: 'aliases' }} className="btn">
          Its aliases
        </Link>
        {breaks && (
          <button type="button" className="btn" onClick={onAgain}>
            They are ready: move it all the same
          </button>
        )}
        <button type="button" className="btn btn-primary" onClick={onClose}>
          Done
        </button>
      </DialogActions>
    </>
  );
}

/** What is in force for the alias, said before it is tried. */
function RuleHint({ alias }: { alias: string }) {
  const { client } = useData();
  const me = useMe();
  const rule = useQuery(aliasRulesQuery(client)).data?.find((one) => one.alias === alias);
  if (rule === undefined) return null;
  const asks = rule.review || !allows(me?.role ?? null, rule.role);
  if (!asks && rule.gates.length === 0) return null;
  return (
    <p className="rounded-2 bg-sunken px-3 py-2 text-text-2">
      <span className="mono">@{alias}</span> is protected
      {asks &&
        `: ${rule.role}s ${rule.review ? 'decide, after a review' : 'move it'}, so only the version is published`}
      .
      {rule.gates.length > 0 && (
        <>
          {' '}
          It must hold in an evaluation: <span className="mono">{rule.gates.join(', ')}</span>.
        </>
      )}
    </p>
  );
}

type SuggestFieldProps = Omit<ComponentProps<'input'>, 'onChange'> & {
  label: string;
  hint: string;
  known: readonly string[];
  onChange: (text: string) => void;
};

/** A name: one that is there already, or a new one. */
function SuggestField({ label, hint, known, onChange, ...rest }: SuggestFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <>
          <input
            {...rest}
            id={id}
            className="field mono"
            list={`${id}-known`}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => onChange(event.target.value.trim())}
          />
          <datalist id={`${id}-known`}>
            {known.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** Makes what was found a version, and leads an alias to it where its rule lets whoever asks. */
export function Publish({ optimization, onClose }: { optimization: OptimizationBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { id: optimizationId, registered, report } = optimization;
  const models = useQuery(modelsQuery(client)).data ?? [];
  const [name, setName] = useState(registered?.name ?? '');
  const [alias, setAlias] = useState('');
  const [message, setMessage] = useState('');
  const [held, setHeld] = useState<Published | null>(null);
  const known = models.find((model) => model.name === name)?.aliases.map((one) => one.alias) ?? [];
  const publish = useMutation({
    mutationFn: (breaking: boolean) =>
      client.call('publishOptimization', {
        params: { optimizationId },
        body: {
          name,
          ...{ alias: alias === '' ? null : alias, breaking },
          ...(message.trim() === '' ? {} : { message: message.trim() }),
        },
      }),
    onSuccess: async (done) => {
      const { published, heldBack } = done;
      setHeld(done);
      if (heldBack === null) {
        toast(
          <span>
            ✓ Published as{' '}
            <Link
              to="/models/$name"
              params={{ name: published.name }}
              search={{ version: published.version }}
              className="link underline"
            >
              {published.name} v{published.version}
            </Link>
            {published.alias !== null && `, @${published.alias} leads to it`}
          </span>,
        );
        onClose();
      }
      const changed = [['optimization', optimizationId], ['optimizations'], ['models'], ['model-pages']];
      await Promise.all(
        [...changed, ['model', published.name]].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
      );
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate(false);
  };
  if (held?.heldBack)
    return (
      <Dialog title="Publish as version" onClose={onClose}>
        <HeldBack
          done={held}
          alias={alias}
          error={publish.error}
          onAgain={() => publish.mutate(true)}
          onClose={onClose}
        />
      </Dialog>
    );
  return (
    <Dialog title="Publish as version" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <SuggestField
          label="Model"
          hint="One that is there gets its next version; another name is a new model."
          value={name}
          onChange={setName}
          known={models.map((model) => model.name)}
          required
          pattern="[a-z0-9]([a-z0-9._\-]{0,98}[a-z0-9])?"
          title="a-z 0-9 . _ -, beginning and ending with a letter or digit"
        />
        <SuggestField
          label="Lead an alias to it"
          hint="Empty: none is moved."
          value={alias}
          onChange={setAlias}
          known={[...new Set([...known, 'production', 'staging'])]}
          placeholder="staging"
        />
        {alias !== '' && <RuleHint alias={alias} />}
        <Field label="Message" hint="Empty: what the comparison says.">
          {(id) => (
            <input
              id={id}
              className="field"
              maxLength={1000}
              placeholder={report?.sentence}
              value={message}
              onChange={(event) => setMessage(event.target.value)}
            />
          )}
        </Field>
        {publish.error && <ErrorText error={publish.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={publish.isPending || name === ''}>
            {publish.isPending ? 'Publishing …' : 'Publish'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
