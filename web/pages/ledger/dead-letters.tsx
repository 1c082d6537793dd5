import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DeadLetterBody, DeadLetterDetailBody } from '@wheelhouse/sdk';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, plural, sizeText } from '../../data/format.ts';
import { deadLetterQuery, deadLettersQuery } from '../../data/settings-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText, Loading } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

/** A text box that is longer than this only slows the browser down. */
const longestEdit = 500_000;

const indented = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

function useReread() {
  const queryClient = useQueryClient();
  return () =>
    Promise.all(
      [['dead-letters'], ['dead-letter'], ['ledger'], ['traces']].map((queryKey) =>
        queryClient.invalidateQueries({ queryKey }),
      ),
    );
}

/** Sends again what is named, or all. */
function useReplay(onDone: (ok: boolean) => void) {
  const { client } = useData();
  const toast = useToast();
  const reread = useReread();
  return useMutation({
    mutationFn: (ids: string[] | undefined) =>
      client.call('replayDeadLetters', { body: ids === undefined ? {} : { ids } }),
    onSuccess: async ({ replayed, refused }) => {
      toast(
        refused.length === 0
          ? `✓ ${plural(replayed, 'request')} taken`
          : `✕ ${plural(refused.length, 'request')} refused again: ${refused[0]?.reason ?? ''}`,
      );
      onDone(refused.length === 0);
      await reread();
    },
    onError: (error) => toast(`✕ ${error.message}`),
  });
}

function Letter({ letter, onClose }: { letter: DeadLetterDetailBody; onClose: () => void }) {
  const { client } = useData();
  const toast = useToast();
  const reread = useReread();
  const first = letter.text === null ? null : indented(letter.text);
  const [text, setText] = useState(first ?? '');
  const changed = first !== null && text !== first;
  const replay = useReplay((ok) => ok && onClose());
  const repair = useMutation({
    mutationFn: () =>
      client.call('repairDeadLetter', {
        params: { letterId: letter.id },
        body: { text, contentType: letter.contentType.includes('protobuf') ? 'application/json' : letter.contentType },
      }),
    onSuccess: () => replay.mutate([letter.id]),
  });
  const remove = useMutation({
    mutationFn: () => client.call('removeDeadLetter', { params: { letterId: letter.id } }),
    onSuccess: async () => {
      toast('Forgotten.');
      onClose();
      await reread();
    },
    onError: (error) => toast(`✕ ${error.message}`),
  });
  const busy = replay.isPending || repair.isPending || remove.isPending;
  return (
    <div className="flex flex-col gap-3">
      <p className="said rounded-2 bg-bad-bg px-3 py-2 text-bad">
        ✕ {letter.reason}
        {letter.sample !== '' && <span className="mono block text-text-2">{letter.sample}</span>}
      </p>
      <p className="flex flex-wrap gap-x-4 text-text-2">
        <span>{letter.source}</span>
        <span className="mono">POST {letter.path}</span>
        <span className="mono">{letter.contentType}</span>
        <span>{sizeText(letter.bytes)}</span>
        <span>{dateTime(letter.receivedAt)}</span>
        {letter.replays > 0 && <span>sent again {plural(letter.replays, 'time')}</span>}
      </p>
      {first === null ? (
        <p className="text-text-2">Its body is no text, and can only be sent again as it is.</p>
      ) : (
        <Field label="Body" hint="Secrets were taken out. What you change is what is sent.">
          {(id) => (
            <textarea
              id={id}
              className="field mono"
              rows={16}
              spellCheck={false}
              readOnly={first.length > longestEdit}
              value={first.length > longestEdit ? `${text.slice(0, longestEdit)}…` : text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      )}
      {(repair.error ?? replay.error) && <ErrorText error={(repair.error ?? replay.error) as Error} />}
      <DialogActions>
        <May call="removeDeadLetter">
          <button type="button" className="btn mr-auto" disabled={busy} onClick={() => remove.mutate()}>
            Forget it
          </button>
        </May>
        <button type="button" className="btn" onClick={onClose}>
          Close
        </button>
        <May call="replayDeadLetters">
          <button
            type="button"
            className="btn btn-primary"
            disabled={busy}
            onClick={() => (changed ? repair.mutate() : replay.mutate([letter.id]))}
          >
            {busy ? 'Sending …' : changed ? 'Repair and send again' : 'Send again'}
          </button>
        </May>
      </DialogActions>
    </div>
  );
}

function LetterDialog({ letterId, onClose }: { letterId: string; onClose: () => void }) {
  const { client } = useData();
  const query = useQuery(deadLetterQuery(client, letterId));
  return (
    <Dialog title="A refused request" onClose={onClose} width={820}>
      {query.isPending && <Loading what="the request" />}
      {query.error && <ErrorText error={query.error} />}
      {query.data && <Letter key={query.data.id} letter={query.data} onClose={onClose} />}
    </Dialog>
  );
}

const cells = (letter: DeadLetterBody, onOpen: (id: string) => void) => [
  <button
    key="reason"
    type="button"
    className="link min-h-6 text-left"
    onClick={() => onOpen(letter.id)}
    aria-label={`Read ${letter.reason}, ${dateTime(letter.receivedAt)}`}
  >
    {letter.reason}
  </button>,
  <span key="sample" className="said mono line-clamp-1 text-text-2">
    {letter.sample}
  </span>,
  letter.source,
  <span key="size" className="mono whitespace-nowrap">
    {sizeText(letter.bytes)}
  </span>,
  <span key="at" className="whitespace-nowrap text-text-2">
    {dateTime(letter.receivedAt)}
  </span>,
  <span key="replays" className="mono">
    {count(letter.replays)}
  </span>,
];

type DeadLettersProps = { open: string | undefined; onOpen: (letterId: string | undefined) => void };

/** Refused requests: read, repaired, and sent again through the door that refused them. */
export function DeadLetters({ open, onOpen }: DeadLettersProps) {
  const { client } = useData();
  const query = useInfiniteQuery(deadLettersQuery(client, undefined));
  const replay = useReplay(() => undefined);
  const letters = query.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      {query.isPending && <Loading what="dead letters" />}
      {query.error && !query.data && <ErrorText error={query.error} />}
      {query.isSuccess && letters.length === 0 && <p className="text-text-3">✓ None.</p>}
      {letters.length > 0 && (
        <>
          <div>
            <May call="replayDeadLetters">
              <button
                type="button"
                className="btn"
                disabled={replay.isPending}
                onClick={() => replay.mutate(undefined)}
              >
                <RotateCcw size={13} strokeWidth={1.75} aria-hidden="true" />
                {replay.isPending ? 'Sending …' : 'Send all again'}
              </button>
            </May>
          </div>
          <div className="card overflow-x-auto [&>section]:border-b-0">
            <DataTable
              label="Dead letters"
              heads={['Reason', 'Sample', 'Source', 'Size', 'Received', 'Sent again']}
              rows={letters.map((letter) => ({ key: letter.id, cells: cells(letter, onOpen) }))}
            />
          </div>
          {query.hasNextPage && (
            <div>
              <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
                Show older
              </button>
            </div>
          )}
        </>
      )}
      {open !== undefined && <LetterDialog letterId={open} onClose={() => onOpen(undefined)} />}
    </>
  );
}
