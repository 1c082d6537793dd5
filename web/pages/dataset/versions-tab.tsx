import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { DatasetVersionBody, ResponseBody } from '@wheelhouse/sdk';
import { Tag, Undo2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, plural, shortHash } from '../../data/format.ts';
import { lineagePlace } from '../../data/lineage-link.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { DiffView } from './diff-view.tsx';

const route = getRouteApi('/datasets/$name');

type Detail = ResponseBody<'getDataset'>;
type Open = { what: 'name' | 'revert'; version: number };

function NameVersion({ name, version, onClose }: { name: string; version: number; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [alias, setAlias] = useState('');
  const save = useMutation({
    mutationFn: () => client.call('setDatasetAlias', { params: { name, alias }, body: { version } }),
    onSuccess: async () => {
      toast(`✓ @${alias} is v${version}`);
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['dataset', name] });
    },
  });
  return (
    <Dialog title={`Name version ${version}`} onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field label="Name" hint="A name that is there already moves here. a-z, 0-9 and . _ -">
          {(id) => (
            <input
              id={id}
              className="field mono"
              required
              placeholder="golden"
              value={alias}
              onChange={(event) => setAlias(event.target.value.trim())}
            />
          )}
        </Field>
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={save.isPending}>
            Name it
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Aliases({ detail: { dataset }, number }: { detail: Detail; number: number }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const { name } = dataset;
  const forget = useMutation({
    mutationFn: (alias: string) => client.call('removeDatasetAlias', { params: { name, alias } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['dataset', name] }),
  });
  const names = Object.entries(dataset.aliases).flatMap(([alias, at]) => (at === number ? [alias] : []));
  return (
    <span className="flex flex-wrap gap-1">
      {names.map((alias) => (
        <span key={alias} className="pill bg-accent-bg text-accent">
          @{alias}
          <May call="removeDatasetAlias">
            <button
              type="button"
              className="inline-flex min-h-5 min-w-5 items-center justify-center"
              aria-label={`Forget the name ${alias}`}
              onClick={() => forget.mutate(alias)}
            >
              <X size={11} strokeWidth={1.75} />
            </button>
          </May>
        </span>
      ))}
      {names.length === 0 && <span className="text-text-3">–</span>}
    </span>
  );
}

function MadeFrom({ version: { madeFrom } }: { version: DatasetVersionBody }) {
  const shown = madeFrom.slice(0, 3).map(lineagePlace);
  return (
    <span className="flex flex-wrap gap-x-2 text-text-2">
      {shown.map(
        ({ kind, label, href }): ReactNode =>
          href === null ? (
            <span key={label}>
              {kind} {label}
            </span>
          ) : (
            <a key={label} href={href} className="link">
              {kind} {label}
            </a>
          ),
      )}
      {madeFrom.length > shown.length && <span>and {count(madeFrom.length - shown.length)} more</span>}
      {madeFrom.length === 0 && <span className="text-text-3">–</span>}
    </span>
  );
}

/** Frozen versions, their names, and what is different between two of them. */
export function VersionsTab({ detail }: { detail: Detail }) {
  const { client } = useData();
  const { from, to } = route.useSearch();
  const [open, setOpen] = useState<Open | null>(null);
  const { dataset, versions } = detail;
  const { name, head } = dataset;
  if (versions.length === 0)
    return (
      <p className="p-6 text-text-2">
        No version yet. Freezing makes the draft a version that never changes; evaluations run on versions.
      </p>
    );
  const close = () => setOpen(null);
  return (
    <>
      <div className="flex-none">
        <DataTable
          label="Versions"
          heads={['Version', 'Names', 'Examples', 'Hash', 'Frozen', 'Made from', 'Difference', 'Actions']}
          right={[2]}
          rows={versions.map((version) => ({
            key: String(version.number),
            cells: [
              <Link
                key="number"
                to="/datasets/$name"
                params={{ name }}
                search={{ version: version.number }}
                className="link mono"
              >
                v{version.number}
              </Link>,
              <Aliases key="names" detail={detail} number={version.number} />,
              <span key="count" className="mono">
                {count(version.count)}
              </span>,
              <span key="hash" className="mono text-text-3" title={version.hash}>
                {shortHash(version.hash)}
              </span>,
              <span key="frozen" className="whitespace-nowrap text-text-2">
                {dateTime(version.createdAt)}
              </span>,
              <MadeFrom key="from" version={version} />,
              <span key="diff" className="flex gap-3 whitespace-nowrap">
                {version.number > 1 && (
                  <Link
                    to="/datasets/$name"
                    params={{ name }}
                    search={{ tab: 'versions', from: version.number - 1, to: version.number }}
                    className="link"
                  >
                    to v{version.number - 1}
                  </Link>
                )}
                <Link
                  to="/datasets/$name"
                  params={{ name }}
                  search={{ tab: 'versions', from: version.number }}
                  className="link"
                >
                  to the draft
                </Link>
              </span>,
              <span key="actions" className="flex gap-1">
                <May call="setDatasetAlias">
                  <button
                    type="button"
                    className="btn btn-quiet btn-icon"
                    aria-label={`Name version ${version.number}`}
                    title="Name it"
                    onClick={() => setOpen({ what: 'name', version: version.number })}
                  >
                    <Tag size={13} strokeWidth={1.75} />
                  </button>
                </May>
                <May call="revertDataset">
                  <button
                    type="button"
                    className="btn btn-quiet btn-icon"
                    aria-label={`Make the draft version ${version.number}`}
                    title="Make the draft what it is"
                    disabled={version.number === head && !dataset.changed}
                    onClick={() => setOpen({ what: 'revert', version: version.number })}
                  >
                    <Undo2 size={13} strokeWidth={1.75} />
                  </button>
                </May>
              </span>,
            ],
          }))}
        />
      </div>
      {from !== undefined && <DiffView key={`${from} ${to}`} name={name} from={from} to={to} />}
      {open?.what === 'name' && <NameVersion name={name} version={open.version} onClose={close} />}
      {open?.what === 'revert' && (
        <Confirm
          title={`Make the draft version ${open.version}`}
          action="Make it so"
          done={`The draft is v${open.version} again.`}
          changes={['dataset', 'datasets']}
          run={() => client.call('revertDataset', { params: { name }, body: { version: open.version } })}
          onClose={close}
        >
          {dataset.changed
            ? `The draft has changes that were not frozen; they are lost. Its ${plural(dataset.draftCount, 'example')} become those of v${open.version}.`
            : `Its ${plural(dataset.draftCount, 'example')} become those of v${open.version}. Frozen versions stay.`}
        </Confirm>
      )}
    </>
  );
}
