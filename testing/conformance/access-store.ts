import type { AccessStore, AuditStore, ProjectRemovalStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  defaultProjectId,
  type InvitationId,
  type KeyId,
  type PersonId,
  type ProjectId,
  type Role,
  type SessionId,
  type TeamId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { access: AccessStore; removals: ProjectRemovalStore; audit: AuditStore; close(): Promise<void> };

const run = Math.floor(Math.random() * 2 ** 40).toString(36);
let count = 0;
const fresh = (what: string) => `${what}-${run}-${++count}`;
const later = '2100-01-01T00:00:00.000Z';
const past = '2001-01-01T00:00:00.000Z';
const by: Actor = { project: defaultProjectId, actor: 'ann' };

/** What every {@link AccessStore} does, and every {@link ProjectRemovalStore} beside it. */
export function accessStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`access store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const snapshot = () => world.access.snapshot(Date.now());
    async function makeProject(): Promise<Actor> {
      const id = fresh('project') as ProjectId;
      await world.access.createProject(by, { id, name: id, owner: null });
      return { ...by, project: id };
    }
    const invite = (of: Actor, email: string, more: { role?: Role; expiresAt?: string; hash?: string } = {}) =>
      world.access.invite(of, {
        ...{ id: fresh('inv') as InvitationId, email, role: 'editor', expiresAt: later, hash: fresh('hash') },
        ...more,
      });
    const joining = (more: { passwordHash?: string | null; identity?: { issuer: string; subject: string } } = {}) => ({
      ...{ id: fresh('pn') as PersonId, name: 'Somebody', passwordHash: null, identity: null },
      ...more,
    });
    async function join(of: Actor, role: Role = 'editor'): Promise<{ id: PersonId; email: string }> {
      const [email, hash] = [`${fresh('who')}@example.com`, fresh('hash')];
      await invite(of, email, { role, hash });
      const person = await world.access.join(hash, joining());
      return { id: person?.id ?? ('' as PersonId), email };
    }
    const makeKey = (of: Actor, more: { person?: PersonId; team?: TeamId } = {}) =>
      world.access.createKey(of, {
        ...{ id: fresh('key') as KeyId, name: 'bot', last4: 'abcd', role: null, person: null, team: null },
        ...{ expiresAt: null, hash: fresh('hash') },
        ...more,
      });
    const startSession = async (person: PersonId | null, expiresAt = later) => {
      const id = fresh('ses') as SessionId;
      await world.access.startSession({ id, person, agent: 'a browser', expiresAt, hash: fresh('hash') });
      return id;
    };

    describe('projects', () => {
      it('have an id of their own, and their maker as owner', async () => {
        const { id: owner } = await join(by);
        const id = fresh('project') as ProjectId;
        const made = await world.access.createProject(by, { id, name: 'Made', owner });
        expect(made).toMatchObject({ id, name: 'Made' });
        await expect(world.access.createProject(by, { id, name: 'Again', owner: null })).rejects.toMatchObject({
          code: 'conflict',
          param: 'id',
        });
        expect(await world.access.members(id)).toMatchObject([{ id: owner, role: 'owner', team: null }]);
        expect(await world.access.renameProject({ ...by, project: id }, 'Other')).toEqual({ ...made, name: 'Other' });
        const { projects, memberships } = await snapshot();
        expect(projects.find((project) => project.id === id)?.name).toBe('Other');
        expect(memberships).toContainEqual({ project: id, person: owner, role: 'owner', team: null });
        const entries = await world.audit.list(id, { limit: 9 });
        expect(entries.map(({ action }) => action)).toEqual(['project.rename', 'project.create']);
      });

      it('that are closed are in no snapshot, though their rows are there, and stay closed', async () => {
        const of = await makeProject();
        const person = await join(of);
        const key = await makeKey(of);
        const hash = fresh('hash');
        await invite(of, `${fresh('late')}@example.com`, { hash });
        const marker = await newestId(world.audit);
        const contents = {
          ...{ traces: 3, scores: 0, models: 1, datasets: 0, examples: 0 },
          ...{ evaluations: 0, files: 0, keys: 1, people: 1 },
        };
        const removal = await world.removals.close(of, contents);
        expect(removal).toMatchObject({ project: of.project, contents, error: null, requestedBy: 'ann' });
        expect(removal.removedAt).toBeNull();
        expect(await world.removals.close({ ...of, actor: 'bob' }, { ...contents, traces: 0 })).toEqual(removal);
        const { projects, memberships, keys } = await snapshot();
        expect(projects.map(({ id }) => id)).not.toContain(of.project);
        expect(memberships.map(({ person: id }) => id)).not.toContain(person.id);
        expect(keys.map(({ id }) => id)).not.toContain(key.id);
        expect(await world.access.join(hash, joining())).toBeNull();

        await world.removals.fail(of.project, 'no answer');
        expect((await world.removals.list())[0]).toEqual({ ...removal, error: 'no answer' });
        for (let times = 0; times < 2; times++) await world.removals.complete(of);
        await world.removals.fail(of.project, 'too late');
        const [gone] = await world.removals.list();
        expect(gone).toMatchObject({ project: of.project, error: null });
        expect(Date.parse(gone?.removedAt ?? '')).not.toBeNaN();
        const again = world.access.createProject(by, { id: of.project, name: 'New', owner: null });
        await expect(again).rejects.toMatchObject({ code: 'conflict' });
        const entries = await entriesSince(world.audit, marker);
        expect(entries.map(({ action, subject }) => [action, subject])).toEqual([
          ['project.close', of.project],
          ['project.remove', of.project],
        ]);
      });
    });

    describe('invitations', () => {
      it('let one person in, once, and take the place of an earlier one to the same address', async () => {
        const of = await makeProject();
        const email = `${fresh('ada')}@example.com`;
        const [old, hash] = [fresh('hash'), fresh('hash')];
        await invite(of, email, { hash: old, role: 'viewer' });
        const made = await invite(of, email, { hash, role: 'admin' });
        expect(await world.access.invitations(of.project)).toEqual([made]);
        expect(await world.access.invitation(old)).toBeNull();
        const found = await world.access.invitation(hash);
        expect(found).toMatchObject({ ...made, project: { id: of.project }, known: false });
        const person = await world.access.join(hash, joining({ passwordHash: 'scrypt$' }));
        expect(person).toMatchObject({ email, name: 'Somebody' });
        expect(await world.access.join(hash, joining())).toBeNull();
        expect(await world.access.members(of.project)).toMatchObject([{ email, role: 'admin' }]);
        expect(await world.access.personOfEmail(email)).toMatchObject({ id: person?.id, passwordHash: 'scrypt$' });
        const entries = await world.audit.list(of.project, { limit: 1 });
        expect(entries).toMatchObject([{ action: 'person.join', subject: person?.id, actor: email }]);
      });

      it('to an account that is there say so, and leave its password as it is', async () => {
        const [one, two] = [await makeProject(), await makeProject()];
        const { id, email } = await join(one);
        const hash = fresh('hash');
        await invite(two, email, { hash, role: 'viewer' });
        expect((await world.access.invitation(hash))?.known).toBe(true);
        expect((await world.access.join(hash, joining({ passwordHash: 'another' })))?.id).toBe(id);
        expect((await world.access.personOfEmail(email))?.passwordHash).toBeNull();
        expect(await world.access.members(two.project)).toMatchObject([{ id, role: 'viewer' }]);
      });

      it('that are over, or taken back, let nobody in', async () => {
        const of = await makeProject();
        const hashes = [fresh('hash'), fresh('hash')];
        await invite(of, `${fresh('a')}@example.com`, { hash: hashes[0] ?? '', expiresAt: past });
        const { id } = await invite(of, `${fresh('b')}@example.com`, { hash: hashes[1] ?? '' });
        expect(await world.access.removeInvitation({ ...of, project: defaultProjectId }, id)).toBe(false);
        expect(await world.access.removeInvitation(of, id)).toBe(true);
        expect(await world.access.removeInvitation(of, id)).toBe(false);
        expect(await world.access.invitations(of.project)).toEqual([]);
        for (const hash of hashes) {
          expect(await world.access.invitation(hash)).toBeNull();
          expect(await world.access.join(hash, joining())).toBeNull();
        }
      });
    });

    describe('identities', () => {
      it('use up every invitation to their address, and are known again whatever address they have then', async () => {
        const [one, two] = [await makeProject(), await makeProject()];
        const email = `${fresh('grace')}@example.com`;
        const identity = { issuer: 'https://id.example.com', subject: fresh('subject') };
        await invite(one, email);
        await invite(two, email, { role: 'viewer' });
        const person = await world.access.joinByAddress(email, joining({ identity }));
        expect(person?.email).toBe(email);
        expect(await world.access.joinByAddress(email, joining({ identity }))).toBeNull();
        expect(await world.access.members(one.project)).toMatchObject([{ email, role: 'editor' }]);
        expect(await world.access.members(two.project)).toMatchObject([{ email, role: 'viewer' }]);
        expect(await world.access.personOfIdentity(identity, 'other@example.com')).toEqual(person);
        expect(await world.access.personOfIdentity({ ...identity, subject: fresh('no') }, null)).toBeNull();
      });

      it('are taken on by the account of their address', async () => {
        const { id, email } = await join(await makeProject());
        const identity = { issuer: 'https://id.example.com', subject: fresh('subject') };
        expect((await world.access.personOfIdentity(identity, email))?.id).toBe(id);
        expect((await world.access.personOfIdentity(identity, null))?.id).toBe(id);
      });
    });

    it('gives people another role or team, of their project only, and takes their keys with them', async () => {
      const of = await makeProject();
      const { id, email } = await join(of);
      const team = await world.access.createTeam(of, { id: fresh('tm') as TeamId, name: 'red' });
      const elsewhere = await makeProject();
      const changed = await world.access.changeMember(of, id, { role: 'admin', team: team.id });
      expect(changed).toMatchObject({ id, email, role: 'admin', team: team.id });
      expect(await world.access.members(of.project)).toEqual([changed]);
      expect(await world.access.changeMember(elsewhere, id, { role: 'viewer' })).toBeNull();
      const foreign = world.access.changeMember(of, id, { team: fresh('tm') as TeamId });
      await expect(foreign).rejects.toMatchObject({ code: 'not_found', param: 'team' });
      const key = await makeKey(of, { person: id });
      expect(await world.access.removeMember(of, id)).toBe(true);
      expect(await world.access.removeMember(of, id)).toBe(false);
      expect(await world.access.members(of.project)).toEqual([]);
      const [revoked] = await world.access.keys(of.project);
      expect([revoked?.id, revoked?.revokedAt === null]).toEqual([key.id, false]);
    });

    it('forms teams by name, counts who is in them, and leaves those without one when it dissolves them', async () => {
      const of = await makeProject();
      const { id } = await join(of);
      const [blue, amber] = [fresh('tm') as TeamId, fresh('tm') as TeamId];
      await world.access.createTeam(of, { id: blue, name: 'blue' });
      await world.access.createTeam(of, { id: amber, name: 'amber' });
      const again = world.access.createTeam(of, { id: fresh('tm') as TeamId, name: 'blue' });
      await expect(again).rejects.toMatchObject({ code: 'conflict', param: 'name' });
      await world.access.changeMember(of, id, { team: blue });
      const key = await makeKey(of, { team: blue });
      expect(await world.access.teams(of.project)).toMatchObject([
        { id: amber, people: 0, keys: 0 },
        { id: blue, people: 1, keys: 1 },
      ]);
      expect(await world.access.removeTeam(by, blue)).toBe(false);
      expect(await world.access.removeTeam(of, blue)).toBe(true);
      expect(await world.access.members(of.project)).toMatchObject([{ id, team: null }]);
      expect(await world.access.keys(of.project)).toMatchObject([{ id: key.id, team: null }]);
    });

    it('keeps keys, newest first, counts those that are not revoked, and notes when they were used', async () => {
      const of = await makeProject();
      const [first, second] = [await makeKey(of), await makeKey(of)];
      await world.access.noteKeyUse([{ id: first.id, atMs: Date.parse(past) }]);
      expect(await world.access.keys(of.project)).toEqual([second, { ...first, lastUsedAt: past }]);
      expect(await world.access.revokeKey(by, first.id)).toBeNull();
      const revoked = await world.access.revokeKey(of, first.id);
      expect(Date.parse(revoked?.revokedAt ?? '')).not.toBeNaN();
      expect(await world.access.revokeKey(of, first.id)).toEqual(revoked);
      const own = (await snapshot()).keys.filter(({ project }) => project === of.project);
      expect(own.map(({ id }) => id)).toEqual([second.id]);
      const actions = (await world.audit.list(of.project, { limit: 9 })).map(({ action }) => action);
      expect(actions).toEqual(['key.revoke', 'key.create', 'key.create', 'project.create']);
    });

    it('knows who is signed in, until that is over; a new password ends the other sessions', async () => {
      const { id } = await join(await makeProject());
      const [here, there, over] = [await startSession(id), await startSession(id), await startSession(id, past)];
      const mine = async () => (await snapshot()).sessions.filter(({ person }) => person === id).map((one) => one.id);
      expect((await mine()).sort()).toEqual([here, there].sort());
      expect(await mine()).not.toContain(over);
      await world.access.setPassword(by, id, 'scrypt$new', here);
      expect(await mine()).toEqual([here]);
      await world.access.endSession(here);
      expect(await mine()).toEqual([]);
    });

    describe('tries to sign in', () => {
      const windowMs = 60_000;
      const start = Date.parse('2026-11-01T00:00:00Z');
      const attempt = (counts: { name: string; most: number }[], atMs: number, id = fresh('try')) =>
        world.access.countTry({ id, atMs, windowMs, counts });

      it('count under each name, until they are too old or taken back', async () => {
        const [account, address] = [fresh('account'), fresh('address')];
        const counts = [
          { name: account, most: 2 },
          { name: address, most: 3 },
        ];
        expect([await attempt(counts, start), await attempt(counts, start + 10)]).toEqual([0, 0]);
        expect(await attempt(counts, start + 20)).toBe(windowMs - 20);
        const other = [{ name: fresh('account'), most: 2 }, ...counts.slice(1)];
        const last = fresh('try');
        expect(await attempt(other, start + 30, last)).toBe(0);
        expect(await attempt(other, start + 40)).toBe(windowMs - 40);
        await world.access.takeBackTry(last, account);
        expect(await attempt(counts, start + 50)).toBe(0);
        expect(await attempt(counts, start + windowMs + 1_000)).toBe(0);
      });

      it('are no more than they may be, however many servers count at once', async () => {
        const name = fresh('account');
        const waits = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            attempt(
              [
                { name, most: 5 },
                { name: `${name}-${i}`, most: 1 },
              ].sort(() => (i % 2 === 0 ? 1 : -1)),
              start + i,
            ),
          ),
        );
        expect(waits.filter((wait) => wait === 0)).toHaveLength(5);
      });
    });
  });
}
