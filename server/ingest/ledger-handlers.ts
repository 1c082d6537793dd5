import { type Handlers, pageBelow } from '@wheelhouse/core/contract';
import type { DeadLetterFilter, DeadLetterStore } from '@wheelhouse/core/ports';
import { type Caller, type DeadLetter, type Letter, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { DeadLetters } from './dead-letters.ts';
import type { KeptLedger } from './keep-ledger.ts';
import { letterText } from './redact-letter.ts';

export type LedgerHandlerDeps = {
  ledger: Pick<KeptLedger, 'readAll'>;
  letters: Pick<DeadLetters, 'dropped' | 'replay' | 'flush'>;
  store: DeadLetterStore;
};

/** The largest body that can be given to a letter by hand. */
const maxRepairBytes = 1024 * 1024;

function toDetail({ body, ...letter }: DeadLetter & Letter) {
  const text = letterText(body);
  return { ...letter, text, base64: text === null ? Buffer.from(body).toString('base64') : null };
}

const filterOf = ({ source, reason, ids }: Record<keyof DeadLetterFilter, unknown>): DeadLetterFilter => ({
  ...(typeof source === 'string' && { source }),
  ...(typeof reason === 'string' && { reason }),
  ...(Array.isArray(ids) && { ids }),
});

/** Whoever has the admin key, or asks a server that needs none. */
const ownsAll = ({ role, key, person }: Caller): boolean => role === 'owner' && key === null && person === null;

type Ids =
  | 'getLedger'
  | 'getServerLedger'
  | 'listDeadLetters'
  | 'getDeadLetter'
  | 'repairDeadLetter'
  | 'removeDeadLetter'
  | 'replayDeadLetters';

/** What became of every span, and what can be done about those that were refused. */
export function createLedgerHandlers({ ledger, letters, store }: LedgerHandlerDeps): Handlers<Ids> {
  async function letterOf(project: ProjectId, id: string) {
    const letter = await store.get(project, id);
    if (letter === null) throw new WheelhouseError('not_found', `There is no dead letter ${id}.`);
    return toDetail(letter);
  }
  return {
    async getServerLedger({ by }) {
      if (!ownsAll(by))
        throw new WheelhouseError('forbidden', 'What all projects received is for whoever has the admin key.');
      return ledger.readAll('all');
    },
    async getLedger({ by }) {
      const book = await ledger.readAll(by.project);
      // A store that is away for the one is away for the other; asking it again would only take time.
      const kept = book.partial ? null : await store.counts(by.project, {}).catch(() => null);
      const dropped = letters.dropped(by.project);
      return { ...book, deadLetters: kept && { kept: kept.letters, bytes: kept.bytes, dropped } };
    },
    async listDeadLetters({ by, query: { limit, cursor, source, reason } }) {
      await letters.flush();
      const filter = filterOf({ source, reason, ids: undefined });
      const list = (page: { limit: number; before?: string }) => store.list(by.project, { ...filter, ...page });
      return pageBelow({ limit, cursor }, list, (letter) => letter);
    },
    getDeadLetter: ({ by, params }) => letterOf(by.project, params.letterId),
    async repairDeadLetter({ by, params, body }) {
      const bytes = Buffer.from(body.text);
      if (bytes.length > maxRepairBytes)
        throw new WheelhouseError('body_too_large', `A dead letter holds at most ${maxRepairBytes} bytes.`);
      await store.repair(by, params.letterId, { body: bytes, contentType: body.contentType });
      return letterOf(by.project, params.letterId);
    },
    removeDeadLetter: async ({ by, params }) => ({
      removed: await store.remove(by, params.letterId, 'dead_letter.remove'),
    }),
    async replayDeadLetters({ by, body: { ids, source, reason } }) {
      await letters.flush();
      return letters.replay(by, filterOf({ ids, source, reason }));
    },
  };
}
