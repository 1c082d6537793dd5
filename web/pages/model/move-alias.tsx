import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { allows } from '@wheelhouse/core/contract/permissions';
import type { ModelDetailBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { aliasRulesQuery } from '../../data/registry-queries.ts';
import { CallersWarning, useBreaking } from '../../parts/callers-warning.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

type MoveAliasProps = {
  detail: ModelDetailBody;
  /** What to start from. */
  alias: string;
  version: number;
  onClose: () => void;
};

/** Points a name at a version: the next call under that name is answered by it. */
export function MoveAlias({ detail, alias: first, version: start, onClose }: MoveAliasProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { model, versions } = detail;
  const [alias, setAlias] = useState(first);
  const [version, setVersion] = useState(start);
  const from = model.aliases.find((one) => one.alias === alias)?.version;
  const change = `${alias || 'alias'}: ${from === undefined ? 'new' : `v${from}`} → v${version}`;
  const breaking = useBreaking(model.name, from, version);
  const rule = useQuery(aliasRulesQuery(client)).data?.find((one) => one.alias === alias);
  const me = useMe();
  // Others ask for it.
  const asks = rule !== undefined && (rule.review || !allows(me?.role ?? null, rule.role));
  const [message, setMessage] = useState('');
  const ask = useMutation({
    mutationFn: () => client.call('requestAlias', { params: { name: model.name, alias }, body: { version, message } }),
    onSuccess: async () => {
      toast(`✓ Asked for ${change}`);
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['alias-requests', model.name] });
    },
  });
  const move = useMutation({
    mutationFn: () =>
      client.call('moveAlias', {
        params: { name: model.name, alias },
        // Whoever moves it has read what breaks.
        body: { version, breaking: breaking.length > 0, message },
      }),
    onSuccess: async (after) => {
      queryClient.setQueryData(['model', model.name], { model: after.model, versions: after.versions });
      toast(`✓ ${change}`);
      onClose();
      await Promise.all([['models'], ['model-pages']].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
  });
  const failed = move.error ?? ask.error;
  const busy = move.isPending || ask.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (asks) ask.mutate();
    else move.mutate();
  };
  return (
    <Dialog title="Move an alias" onClose={onClose}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Alias" hint="production, staging, or a name of your own.">
          {(id) => (
            <>
              <input
                id={id}
                className="field mono"
                list={`${id}-known`}
                required
                spellCheck={false}
                value={alias}
                onChange={(event) => setAlias(event.target.value.trim())}
              />
              <datalist id={`${id}-known`}>
                {[...new Set([...model.aliases.map((one) => one.alias), 'production', 'staging'])].map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field label="Version">
          {(id) => (
            <select
              id={id}
              className="field"
              value={version}
              onChange={(event) => setVersion(Number(event.target.value))}
            >
              {versions.map((one) => (
                <option key={one.number} value={one.number}>
                  v{one.number} {one.message && `· ${one.message}`}
                </option>
              ))}
            </select>
          )}
        </Field>
        <p className="rounded-2 bg-sunken px-3 py-2">
          <span className="mono font-semibold">{change}</span>
          <span className="block text-text-2">
            {from === version
              ? 'It points there already.'
              : `The next call to ${model.name}@${alias || '…'} is answered by v${version}.`}
          </span>
        </p>
        {from !== undefined && <CallersWarning of={`v${from}`} to={`v${version}`} breaking={breaking} />}
        <Field
          label={asks ? 'Why it shall move' : 'Why it moves'}
          hint={
            asks
              ? `@${alias} is protected: ${rule.role}s ${rule.review ? 'decide, after a review' : 'move it'}.`
              : 'For the audit log. It may stay empty.'
          }
        >
          {(id) => (
            <input id={id} className="field" value={message} onChange={(event) => setMessage(event.target.value)} />
          )}
        </Field>
        {failed && <ErrorText error={failed} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={busy || alias === '' || from === version}>
            {busy ? 'Moving …' : asks ? 'Ask for the move' : breaking.length > 0 ? 'Move it all the same' : 'Move'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Asks before a name that callers may use stops working. */
export function RemoveAlias({
  detail,
  alias,
  onClose,
}: {
  detail: ModelDetailBody;
  alias: string;
  onClose: () => void;
}) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const { name } = detail.model;
  const remove = useMutation({
    mutationFn: () => client.call('removeAlias', { params: { name, alias } }),
    onSuccess: async (after) => {
      queryClient.setQueryData(['model', name], after);
      onClose();
      await Promise.all([['models'], ['model-pages']].map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
  });
  return (
    <Dialog title={`Remove @${alias}?`} onClose={onClose}>
      <p>
        Calls to <span className="mono">{`${name}@${alias}`}</span> will be refused from then on.
      </p>
      {remove.error && <ErrorText error={remove.error} />}
      <DialogActions>
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="btn btn-primary" disabled={remove.isPending} onClick={() => remove.mutate()}>
          Remove
        </button>
      </DialogActions>
    </Dialog>
  );
}
