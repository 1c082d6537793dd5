import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AliasRequestBody, ModelDetailBody } from '@wheelhouse/sdk';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useMay, useMe } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { aliasRequestQuery, aliasRequestsQuery, aliasRulesQuery } from '../../data/registry-queries.ts';
import { CallersWarning } from '../../parts/callers-warning.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { May } from '../../parts/may.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText, Loading } from '../../parts/request-state.tsx';
import { Section, TableCard } from '../settings/section.tsx';
import { RollBack } from './roll-back.tsx';
import { VersionDiff } from './version-diff.tsx';

type Alias = ModelDetailBody['model']['aliases'][number];

const ruleRoles = ['editor', 'admin', 'owner'] as const;
type RuleRole = (typeof ruleRoles)[number];

/** Who may move an alias, in the whole project. */
function RuleForm({ alias, onClose }: { alias: string; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const rule = useQuery(aliasRulesQuery(client)).data?.find((one) => one.alias === alias);
  const [role, setRole] = useState<RuleRole>(ruleRoles.find((one) => one === rule?.role) ?? 'admin');
  const [review, setReview] = useState(rule?.review ?? true);
  const after = async () => {
    onClose();
    await queryClient.invalidateQueries({ queryKey: ['alias-rules'] });
  };
  const set = useMutation({
    mutationFn: () =>
      client.call('setAliasRule', { params: { alias }, body: { role, review, gates: rule?.gates ?? [] } }),
    onSuccess: after,
  });
  const remove = useMutation({
    mutationFn: () => client.call('removeAliasRule', { params: { alias } }),
    onSuccess: after,
  });
  const error = set.error ?? remove.error;
  return (
    <Dialog title={`Who may move @${alias}`} onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          set.mutate();
        }}
      >
        <p className="text-text-2">It holds for every model of this project.</p>
        <Field label="Moved by" hint="Others ask for the move.">
          {(id) => (
            <select
              id={id}
              className="field"
              value={role}
              onChange={(event) => setRole(event.target.value as RuleRole)}
            >
              {ruleRoles.map((one) => (
                <option key={one} value={one}>
                  {one}s
                </option>
              ))}
            </select>
          )}
        </Field>
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={review} onChange={(event) => setReview(event.target.checked)} />
          Each move is asked for, and decided by somebody else
        </label>
        {error && <ErrorText error={error} />}
        <DialogActions>
          {rule && (
            <button type="button" className="btn mr-auto" onClick={() => remove.mutate()}>
              Let any editor move it
            </button>
          )}
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={set.isPending}>
            Protect
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type Decision = 'approve' | 'reject' | 'withdraw';

/** What is asked for, what it changes, what an evaluation said of it, and the decision. */
function RequestReview({ request, onClose }: { request: AliasRequestBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const me = useMe();
  const [comment, setComment] = useState('');
  const { data, error } = useQuery(aliasRequestQuery(client, request.id));
  // Whoever approves has read it: it stands above the button.
  const breaking = (data?.breaking.length ?? 0) > 0;
  const decide = useMutation({
    mutationFn: (decision: Decision) =>
      client.call('decideAliasRequest', { params: { requestId: request.id }, body: { decision, comment, breaking } }),
    onSuccess: async () => {
      onClose();
      await Promise.all(
        [
          ['model', request.model],
          ['model-pages'],
          ['alias-requests', request.model],
          ['alias-request', request.id],
        ].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
      );
    },
  });
  const { model, alias, from, to } = request;
  const outdated = data !== undefined && data.now !== from;
  const failed = error ?? decide.error;
  return (
    <Dialog title={`@${alias}: ${from === null ? 'new' : `v${from}`} → v${to}`} width={760} onClose={onClose}>
      <p>
        {request.askedBy} asked on {dateTime(request.askedAt)}
        {request.message !== '' && <>: “{request.message}”</>}
      </p>
      {outdated && (
        <p className="mt-2 rounded-2 bg-warn-bg px-3 py-2">
          ▲ The alias is at {data.now === null ? 'no version' : `v${data.now}`} by now.
        </p>
      )}
      {data && breaking && (
        <div className="mt-2">
          <CallersWarning of={`@${alias}`} to={`v${to}`} breaking={data.breaking} />
        </div>
      )}
      {data?.evaluation && (
        <p className="mt-2">
          <Link to="/experiments/$evaluationId" params={{ evaluationId: data.evaluation }} className="link">
            Their newest evaluation
          </Link>
        </p>
      )}
      {data && data.evaluation === null && from !== null && (
        <p className="mt-2 text-text-2">The two versions were not compared on a dataset yet.</p>
      )}
      {from !== null && (
        <div className="card mt-3">
          <VersionDiff name={model} from={from} to={to} />
        </div>
      )}
      {request.status === 'open' && (
        <div className="mt-3">
          <Field label="Comment">
            {(id) => (
              <input id={id} className="field" value={comment} onChange={(event) => setComment(event.target.value)} />
            )}
          </Field>
        </div>
      )}
      {failed && (
        <div className="mt-3">
          <ErrorText error={failed} />
        </div>
      )}
      <DialogActions>
        <button type="button" className="btn" onClick={onClose}>
          Close
        </button>
        {request.status === 'open' && me?.actor === request.askedBy && (
          <button type="button" className="btn" onClick={() => decide.mutate('withdraw')}>
            Withdraw
          </button>
        )}
        {data?.mayDecide && (
          <>
            <button type="button" className="btn" onClick={() => decide.mutate('reject')}>
              Reject
            </button>
            <button
              type="button"
              className="btn btn-primary"
              disabled={outdated}
              onClick={() => decide.mutate('approve')}
            >
              {breaking ? 'Approve and move all the same' : 'Approve and move'}
            </button>
          </>
        )}
      </DialogActions>
    </Dialog>
  );
}

const tones = { open: 'accent', approved: 'good', rejected: 'bad', withdrawn: 'mute' } as const;

function Requests({ name }: { name: string }) {
  const { client } = useData();
  const { data } = useQuery(aliasRequestsQuery(client, name));
  const [open, setOpen] = useState<AliasRequestBody | null>(null);
  if (!data) return <Loading what="the requests" />;
  if (data.length === 0)
    return <p className="text-text-2">None. Where an alias is protected, its moves are asked for and decided here.</p>;
  return (
    <>
      <TableCard
        label="Moves that were asked for"
        heads={['Alias', 'Move', 'Why', 'Asked by', 'When', 'State', 'Review']}
        rows={data.map((request) => ({
          key: request.id,
          cells: [
            <span key="alias" className="mono">
              @{request.alias}
            </span>,
            <span key="move" className="mono whitespace-nowrap">
              {request.from === null ? 'new' : `v${request.from}`} → v{request.to}
            </span>,
            <span key="why" className="break-words">
              {request.message}
            </span>,
            <span key="by">{request.askedBy}</span>,
            <span key="at" className="whitespace-nowrap text-text-2">
              {dateTime(request.askedAt)}
            </span>,
            <Pill key="status" tone={tones[request.status]}>
              {request.status}
            </Pill>,
            <button key="open" type="button" className="btn !min-h-6" onClick={() => setOpen(request)}>
              {request.status === 'open' ? 'Review' : 'Show'}
            </button>,
          ],
        }))}
      />
      {open && <RequestReview request={open} onClose={() => setOpen(null)} />}
    </>
  );
}

/** Where aliases are and were, who may move them, and who asked to. */
export function AliasesTab({ detail }: { detail: ModelDetailBody }) {
  const { client } = useData();
  const may = useMay();
  const rules = useQuery(aliasRulesQuery(client)).data ?? [];
  const [ruled, setRuled] = useState<string | null>(null);
  const [back, setBack] = useState<Alias | null>(null);
  const { name, aliases } = detail.model;
  const ruleText = (alias: string) => {
    const rule = rules.find((one) => one.alias === alias);
    if (!rule) return 'any editor';
    return `${rule.role}s${rule.review ? ', after a review' : ''}`;
  };
  return (
    <div className="flex flex-col gap-6 p-4">
      <Section title="Aliases" text="Names that callers use; the next call follows a move.">
        {aliases.length === 0 ? (
          <p className="text-text-2">None yet. “Move alias” makes the first, such as production.</p>
        ) : (
          <TableCard
            label="Where aliases are"
            heads={['Alias', 'Version', 'Before', 'Moved', 'Moved by', 'Undo']}
            rows={aliases.map((alias) => ({
              key: alias.alias,
              cells: [
                <span key="alias" className="mono font-semibold">
                  @{alias.alias}
                </span>,
                <span key="version" className="mono">
                  v{alias.version}
                </span>,
                <span key="before" className="mono">
                  {alias.before === null ? '–' : `v${alias.before}`}
                </span>,
                <span key="moved" className="whitespace-nowrap text-text-2">
                  {dateTime(alias.movedAt)}
                </span>,
                may('setAliasRule') ? (
                  <button key="rule" type="button" className="link text-left" onClick={() => setRuled(alias.alias)}>
                    {ruleText(alias.alias)}
                  </button>
                ) : (
                  <span key="rule">{ruleText(alias.alias)}</span>
                ),
                alias.before === null ? (
                  <span key="none" />
                ) : (
                  <May key="back" call="rollBackAlias">
                    <button type="button" className="btn !min-h-6" onClick={() => setBack(alias)}>
                      <Undo2 size={12} strokeWidth={1.75} aria-hidden="true" />
                      Roll back
                    </button>
                  </May>
                ),
              ],
            }))}
          />
        )}
      </Section>
      <Section title="Requests">
        <Requests name={name} />
      </Section>
      {ruled && <RuleForm alias={ruled} onClose={() => setRuled(null)} />}
      {back && <RollBack name={name} alias={back} onClose={() => setBack(null)} />}
    </div>
  );
}
