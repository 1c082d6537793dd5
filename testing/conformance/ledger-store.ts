import type {
  AccessStore,
  AuditStore,
  DeadLetterStore,
  LedgerStore,
  ProjectRemovalStore,
} from '@wheelhouse/core/ports';
import {
  type DeadLetter,
  defaultProjectId,
  type LedgerAccount,
  type Letter,
  type ProjectId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = {
  access: AccessStore;
  removals: ProjectRemovalStore;
  audit: AuditStore;
  ledgers: LedgerStore;
  deadLetters: DeadLetterStore;
  close(): Promise<void>;
};

const project = defaultProjectId;
const elsewhere = 'elsewhere' as typeof project;
const by = { project, actor: 'ada' };
const wide = { letters: 1_000, bytes: 1_000_000, days: 1_000 };
const run = Math.random().toString(36).slice(2, 8);
let count = 0;
let sources = 0;

const account = (source: string, received: number): LedgerAccount => ({
  ...{ source, since: '2026-01-01T00:00:00.000Z', received, stored: received, rejected: 0, waiting: 0, spilled: 0 },
  oldestWaitingAt: null,
  rejections: [{ reason: 'bad id', spans: 1, lastAt: '2026-01-01T00:00:00.000Z', sample: 'a \u0000 b' }],
  days: [{ day: '2026-01-01', received, stored: received, rejected: 0 }],
});

const letter = (more: Partial<DeadLetter & Letter> = {}): DeadLetter & Letter => {
  const body = more.body ?? Buffer.from(`{"n":${count}}`);
  return {
    id: `dl_${String(++count).padStart(9, '0')}`,
    ...{ source: 'otlp', reason: 'bad id', sample: 'span `a`: bad id', path: '/v1/traces?a=b' },
    ...{ contentType: 'application/json', receivedAt: new Date().toISOString(), replays: 0 },
    ...more,
    ...{ body, bytes: body.length },
  };
};
const withoutBody = ({ body: _, ...rest }: DeadLetter & Letter): DeadLetter => rest;

/** What every {@link LedgerStore} and {@link DeadLetterStore} does. */
export function ledgerStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`ledger store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const makeProject = async () => {
      const id = `ledger-${run}-${++count}` as ProjectId;
      await world.access.createProject(by, { id, name: id, owner: null });
      return id;
    };
    const saved = async (of: Parameters<LedgerStore['load']>[0]) =>
      (await world.ledgers.load(of)).map(({ savedAt: _, ...book }) => book);

    it('gives back what each server saved last of each project', async () => {
      const [one, other] = [await makeProject(), await makeProject()];
      const [a, b] = [`a-${one}`, `b-${one}`];
      await world.ledgers.save(b, [{ project: one, accounts: [account('otlp', 1)] }]);
      await world.ledgers.save(a, [{ project: one, accounts: [account('otlp', 2)] }]);
      await world.ledgers.save(b, [
        { project: one, accounts: [account('gateway', 3), account('otlp', 4)] },
        { project: other, accounts: [account('otlp', 5)] },
      ]);
      await world.ledgers.save(b, []);
      const ofA = { project: one, server: a, accounts: [account('otlp', 2)] };
      const ofB = { project: one, server: b, accounts: [account('gateway', 3), account('otlp', 4)] };
      const ofOther = { project: other, server: b, accounts: [account('otlp', 5)] };
      expect(await saved({ project: one })).toEqual([ofA, ofB]);
      expect(await saved({ server: b })).toEqual([ofB, ofOther]);
      expect(await saved({ server: a, project: other })).toEqual([]);
      expect(await saved({})).toEqual(expect.arrayContaining([ofA, ofB, ofOther]));
      for (const { savedAt } of await world.ledgers.load({ server: b }))
        expect(new Date(savedAt).toISOString()).toBe(savedAt);
    });

    it('keeps nothing of a project that goes, or is unknown, and the rest all the same', async () => {
      const [stays, goes] = [await makeProject(), await makeProject()];
      const contents = {
        ...{ traces: 0, scores: 0, models: 0, datasets: 0, examples: 0 },
        ...{ evaluations: 0, files: 0, keys: 0, people: 0 },
      };
      await world.removals.close({ ...by, project: goes }, contents);
      const accounts = [account('otlp', 1)];
      await world.ledgers.save(
        `c-${stays}`,
        [goes, elsewhere, stays].map((one) => ({ project: one, accounts })),
      );
      expect(await saved({ server: `c-${stays}` })).toEqual([{ project: stays, server: `c-${stays}`, accounts }]);
    });
  });

  describe(`dead letter store: ${name}`, () => {
    let world: World;
    let source: string;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const keep = async (letters: (DeadLetter & Letter)[], bounds = wide) => {
      await world.deadLetters.keep(project, letters, bounds);
      return letters;
    };
    const fresh = () => {
      source = `door-${++sources}`;
      return source;
    };

    it('keeps letters with their bytes, and lists them newest first, page by page', async () => {
      fresh();
      const body = Uint8Array.from({ length: 256 }, (_, i) => i);
      const [a, b, c] = await keep([letter({ source, body }), letter({ source, reason: 'other' }), letter({ source })]);
      if (!a || !b || !c) throw new Error('no letters');
      const read = await world.deadLetters.get(project, a.id);
      expect(Uint8Array.from(read?.body ?? [])).toEqual(body);
      expect(read && withoutBody(read)).toEqual(withoutBody(a));
      const first = await world.deadLetters.list(project, { source, limit: 2 });
      expect(first).toEqual([c, b].map(withoutBody));
      const page = { source, limit: 2, before: b.id };
      expect(await world.deadLetters.list(project, page)).toEqual([withoutBody(a)]);
      const only = async (filter: object) =>
        (await world.deadLetters.list(project, { source, limit: 9, ...filter })).map(({ id }) => id);
      expect(await only({ reason: 'other' })).toEqual([b.id]);
      expect(await only({ ids: [a.id, c.id] })).toEqual([c.id, a.id]);
      expect(await world.deadLetters.counts(project, { source })).toEqual({
        letters: 3,
        bytes: a.bytes + b.bytes + c.bytes,
      });
      expect(await world.deadLetters.counts(elsewhere, { source })).toEqual({ letters: 0, bytes: 0 });
      expect(await world.deadLetters.get(elsewhere, a.id)).toBeNull();
    });

    it('keeps a letter that is given twice once', async () => {
      fresh();
      const one = letter({ source });
      await keep([one]);
      await keep([one]);
      expect(await world.deadLetters.counts(project, { source })).toMatchObject({ letters: 1 });
    });

    it.each([
      ['number', { ...wide, letters: 2 }],
      ['bytes', { ...wide, bytes: 20 }],
    ])('forgets the oldest beyond its bounds: %s', async (_, bounds) => {
      fresh();
      const body = Buffer.from('0123456789');
      const [, , ...newest] = await keep(
        [1, 2, 3, 4].map(() => letter({ source, body })),
        bounds,
      );
      const kept = await world.deadLetters.list(project, { source, limit: 9 });
      expect(kept).toEqual(newest.toReversed().map(withoutBody));
    });

    it('forgets what is too old', async () => {
      fresh();
      const old = new Date(Date.now() - 3 * 86_400_000).toISOString();
      const [, young] = await keep([letter({ source, receivedAt: old }), letter({ source })], { ...wide, days: 2 });
      const kept = await world.deadLetters.list(project, { source, limit: 9 });
      expect(kept.map(({ id }) => id)).toEqual([young?.id]);
    });

    it('takes a repaired body and says who repaired it', async () => {
      fresh();
      const [one] = await keep([letter({ source })]);
      if (!one) throw new Error('no letter');
      const marker = await newestId(world.audit);
      const body = Buffer.from('{"repaired":true}');
      await world.deadLetters.repair(by, one.id, { body, contentType: 'text/plain' });
      const read = await world.deadLetters.get(project, one.id);
      expect(read).toMatchObject({ contentType: 'text/plain', bytes: body.length, reason: one.reason });
      expect(Buffer.from(read?.body ?? []).toString()).toBe('{"repaired":true}');
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'dead_letter.repair', subject: one.id, actor: 'ada' },
      ]);
      const missing = world.deadLetters.repair(by, 'dl_none', { body, contentType: 'text/plain' });
      await expect(missing).rejects.toMatchObject({ code: 'not_found' });
    });

    it('counts how often a letter was refused again, with the newest reason', async () => {
      fresh();
      const [one] = await keep([letter({ source })]);
      if (!one) throw new Error('no letter');
      await world.deadLetters.refusedAgain(project, one.id, { reason: 'still bad', sample: 'why' });
      await world.deadLetters.refusedAgain(project, one.id, { reason: 'still bad', sample: 'why' });
      await world.deadLetters.refusedAgain(elsewhere, one.id, { reason: 'x', sample: 'y' });
      const expected = { replays: 2, reason: 'still bad', sample: 'why' };
      expect(await world.deadLetters.get(project, one.id)).toMatchObject(expected);
    });

    it('removes a letter once, and says why', async () => {
      fresh();
      const [one] = await keep([letter({ source })]);
      if (!one) throw new Error('no letter');
      const marker = await newestId(world.audit);
      expect(await world.deadLetters.remove({ ...by, project: elsewhere }, one.id, 'dead_letter.remove')).toBe(false);
      expect(await world.deadLetters.remove(by, one.id, 'dead_letter.replay')).toBe(true);
      expect(await world.deadLetters.remove(by, one.id, 'dead_letter.remove')).toBe(false);
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'dead_letter.replay', subject: one.id, detail: { source, reason: one.reason } },
      ]);
    });
  });
}
