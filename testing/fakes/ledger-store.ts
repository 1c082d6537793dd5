import type { AccessStore, DeadLetterFilter, DeadLetterStore, LedgerStore, SavedBook } from '@wheelhouse/core/ports';
import { type DeadLetter, type Letter, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

/** @param access says which projects there are; left out: any */
export function fakeLedgerStore(audit: FakeAuditStore, access?: Pick<AccessStore, 'snapshot'>): LedgerStore {
  const saved = new Map<string, SavedBook>();
  const placeOf = ({ server, project }: SavedBook) => `${server} ${project}`;
  return {
    async save(server, books) {
      const open = (await access?.snapshot(Date.now()))?.projects.map(({ id }) => id);
      for (const { project, accounts } of books) {
        if (open?.includes(project) === false) continue;
        const book = { project, server, savedAt: audit.now(), accounts: structuredClone(accounts) };
        saved.set(placeOf(book), book);
      }
    },
    async load({ server, project }) {
      return [...saved.values()]
        .filter((one) => (server ?? one.server) === one.server && (project ?? one.project) === one.project)
        .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
        .map((one) => structuredClone(one));
    },
  };
}

type Kept = DeadLetter & Letter & { project: ProjectId };

const noLetter = (id: string) => new WheelhouseError('not_found', `There is no dead letter ${id}.`);
const describe = ({ body: _, project: __, ...letter }: Kept): DeadLetter => ({ ...letter });

export function fakeDeadLetterStore(audit: FakeAuditStore): DeadLetterStore {
  let letters: Kept[] = [];
  const fits = (project: ProjectId, { source, reason, ids }: DeadLetterFilter) =>
    letters
      .filter(
        (letter) =>
          letter.project === project &&
          (source === undefined || letter.source === source) &&
          (reason === undefined || letter.reason === reason) &&
          (ids === undefined || ids.includes(letter.id)),
      )
      .sort((a, b) => (a.id < b.id ? 1 : -1));
  const find = (project: ProjectId, id: string) => letters.find((one) => one.project === project && one.id === id);
  return {
    async keep(project, given, bounds) {
      letters.push(...given.filter(({ id }) => !find(project, id)).map((letter) => ({ ...letter, project })));
      let [count, bytes] = [0, 0];
      const oldest = new Date(Date.now() - bounds.days * 86_400_000).toISOString();
      const kept = fits(project, {}).filter((letter) => {
        count++;
        bytes += letter.bytes;
        return count <= bounds.letters && bytes <= bounds.bytes && letter.receivedAt >= oldest;
      });
      letters = [...letters.filter((one) => one.project !== project), ...kept];
    },
    async list(project, { limit, before, ...filter }) {
      return fits(project, filter)
        .filter(({ id }) => before === undefined || id < before)
        .slice(0, limit)
        .map(describe);
    },
    async get(project, id) {
      const found = find(project, id);
      return found ? { ...describe(found), body: found.body } : null;
    },
    async counts(project, filter) {
      const found = fits(project, filter);
      return { letters: found.length, bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) };
    },
    async repair(by, id, { body, contentType }) {
      const found = find(by.project, id);
      if (!found) throw noLetter(id);
      Object.assign(found, { body, contentType, bytes: body.length });
      audit.record(by, { action: 'dead_letter.repair', subject: id, detail: { bytes: body.length } });
    },
    async refusedAgain(project, id, why) {
      const found = find(project, id);
      if (found) Object.assign(found, why, { replays: found.replays + 1 });
    },
    async remove(by, id, action) {
      const found = find(by.project, id);
      if (!found) return false;
      letters = letters.filter((one) => one !== found);
      audit.record(by, { action, subject: id, detail: { source: found.source, reason: found.reason } });
      return true;
    },
  };
}
