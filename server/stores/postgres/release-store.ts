import type { NewRelease, ReleaseLook, ReleaseStore } from '@wheelhouse/core/ports';
import { type Actor, type ProjectId, type Release, WheelhouseError } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import { moveAliasIn, readAlias } from './alias-moves.ts';
import type { Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { lockModel } from './model-rows.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';
import { addReleaseEvent, endReleaseIn, type ReleaseRow } from './release-rows.ts';

const eventsShown = 200;
const claimedAtOnce = 10;
const missing = (id: string) => new WheelhouseError('not_found', `There is no release \`${id}\`.`);

const toRelease = (row: ReleaseRow & { model: string }): Release => ({
  ...row.plan,
  // Plans that were written before there was a choice say nothing.
  shadow: row.plan.shadow ?? null,
  allocation: row.plan.allocation ?? null,
  id: row.id,
  model: row.model,
  alias: row.alias,
  incumbent: row.incumbent,
  candidate: row.candidate,
  state: row.state,
  share: row.share,
  evidence: row.evidence,
  verdict: row.verdict,
  seenUntil: row.seen_until.toISOString(),
  revision: row.revision,
  message: row.message,
  startedBy: row.started_by,
  startedAt: row.started_at.toISOString(),
  endedBy: row.ended_by,
  endedAt: row.ended_at?.toISOString() ?? null,
  reason: row.reason,
  drafts: row.drafts,
});

const withModel = (db: Db | Tx) =>
  db
    .selectFrom('releases as r')
    .innerJoin('models as m', 'm.id', 'r.model_id')
    .selectAll('r')
    .select('m.name as model');

async function readOne(db: Db | Tx, project: ProjectId, id: string): Promise<Release | null> {
  const row = await withModel(db).where('r.project_id', '=', project).where('r.id', '=', id).executeTakeFirst();
  return row ? toRelease(row) : null;
}

/** A release of the project with its model locked, so that it and its alias change together. */
async function lockRelease(tx: Tx, project: ProjectId, id: string): Promise<Release | null> {
  const before = await readOne(tx, project, id);
  if (before === null) return null;
  await lockModel(tx, project, before.model);
  return readOne(tx, project, id);
}

/** Where shares hold later, what came counts from this much later still: the two databases were asked one after the other. */
const clocksMs = 1_000;

/** So much later a new share holds, so that every server knows it by then. */
type Lead = { leadMs: number };
const soon = (leadMs: number) => sql<Date>`now() + make_interval(secs => ${leadMs / 1_000})`;

const actionOf = { promoted: 'release.promote', rolled_back: 'release.rollback' } as const;

async function endIn(
  tx: Tx,
  by: Actor,
  { release, as, reason }: { release: Release; as: keyof typeof actionOf; reason: string },
): Promise<void> {
  const { id, model: name, alias, incumbent, candidate } = release;
  // Ended first: a move of the alias would stop one that runs.
  await endReleaseIn(tx, by, { id, as, reason });
  if (as === 'promoted') await moveAliasIn(tx, by, { name, alias, version: candidate, why: { release: id } });
  else if (release.state === 'promoted')
    await moveAliasIn(tx, by, { name, alias, version: incumbent, why: { release: id } });
  const detail = { release: id, incumbent, candidate, reason };
  await recordChange(tx, by, { action: actionOf[as], subject: `${name}@${alias}`, detail });
}

/** What only listened makes room for the release that its candidate answers in. */
async function endFollowed(tx: Tx, by: Actor, { id, model, alias, candidate }: NewRelease, follows: string) {
  const before = await readOne(tx, by.project, follows);
  const isSame = before?.model === model && before.alias === alias && before.candidate === candidate;
  if (before?.state !== 'running' || !isSame || before.shadow === null)
    throw new WheelhouseError('conflict', `\`${follows}\` does not listen to \`${model}@${alias}\` any more.`);
  await endReleaseIn(tx, by, { id: follows, as: 'stopped', reason: `It goes on as ${id}, which answers callers.` });
}

async function startIn(tx: Tx, by: Actor, { given, leadMs }: { given: NewRelease } & Lead): Promise<Release> {
  const { id, model: name, alias, candidate, share, evidence, seenUntil, message, follows, ...plan } = given;
  const model = await lockModel(tx, by.project, name);
  if (follows !== undefined) await endFollowed(tx, by, given, follows);
  const at = await readAlias(tx, model.id, alias);
  if (!at)
    throw new WheelhouseError('not_found', `\`${name}\` has no alias \`${alias}\` that a version could take over.`, {
      hint: 'Move the alias to its first version without a release.',
    });
  if (candidate < 1 || candidate > model.latest)
    throw new WheelhouseError('not_found', `\`${name}\` has no version ${candidate}.`, { param: 'candidate' });
  if (candidate === at.version)
    throw new WheelhouseError('conflict', `\`${name}@${alias}\` is at version ${candidate} already.`);
  const inserted = await tx
    .insertInto('releases')
    .values({
      ...{ id, project_id: by.project, model_id: model.id, alias, incumbent: at.version, candidate, share, message },
      ...{ plan: JSON.stringify(plan), evidence: JSON.stringify(evidence), started_by: by.actor },
      // It begins when its share holds: until then everybody has the incumbent.
      ...{
        seen_until: new Date(Date.parse(seenUntil) + (leadMs === 0 ? 0 : leadMs + clocksMs)),
        started_at: soon(leadMs),
        share_from: soon(leadMs),
      },
    })
    .onConflict((conflict) => conflict.columns(['model_id', 'alias']).where('state', '=', 'running').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!inserted)
    throw new WheelhouseError('conflict', `A release of \`${name}@${alias}\` runs already.`, {
      hint: 'Promote it or roll it back first.',
    });
  const detail = { incumbent: at.version, candidate, share };
  await addReleaseEvent(tx, id, { actor: by.actor, kind: 'started', detail });
  await recordChange(tx, by, {
    action: 'release.start',
    subject: `${name}@${alias}`,
    detail: { release: id, ...detail },
  });
  const release = await readOne(tx, by.project, id);
  if (release === null) throw missing(id);
  return release;
}

async function lookIn(
  tx: Tx,
  project: ProjectId,
  { id, look, leadMs }: { id: string; look: ReleaseLook } & Lead,
): Promise<boolean> {
  const release = await lockRelease(tx, project, id);
  if (release?.state !== 'running' || release.revision !== look.revision) return false;
  const { evidence, verdict, share, shareReason, seenUntil, isNews, ends } = look;
  await tx
    .updateTable('releases')
    .set({
      ...{ evidence: JSON.stringify(evidence), verdict: JSON.stringify(verdict), share, revision: look.revision + 1 },
      seen_until: new Date(seenUntil),
      ...(share === release.share ? {} : { share_before: release.share, share_from: soon(leadMs) }),
    })
    .where('id', '=', id)
    .execute();
  const by = { project, actor: `release ${id}` };
  if (isNews) {
    const { verdict: kind, sentence, rails } = verdict;
    await addReleaseEvent(tx, id, { actor: by.actor, kind: 'verdict', detail: { verdict: kind, sentence, rails } });
  }
  if (share !== release.share) {
    const detail = { before: { share: release.share }, after: { share } };
    await addReleaseEvent(tx, id, { actor: by.actor, kind: 'share', detail: { ...detail, reason: shareReason } });
    const subject = `${release.model}@${release.alias}`;
    await recordChange(tx, by, { action: 'release.share', subject, detail: { release: id, ...detail } });
  }
  if (ends !== null) await endIn(tx, by, { release, as: ends, reason: verdict.sentence });
  return true;
}

/** Ended by what failed, and not drafted as examples yet; who claimed it has this long. */
export const isOwingDrafts = sql<boolean>`state = 'rolled_back' and drafts is null and plan ->> 'examples' is not null
  and (drafting_at is null or drafting_at < now() - interval '30 s')`;

/** Releases: each change of one is one transaction with that of its alias. */
export function createReleaseStore(db: Db, lead: Lead): ReleaseStore {
  return {
    start: (by, release) => inTransaction(db, (tx) => startIn(tx, by, { given: release, ...lead })),
    get: (project, id) => readOne(db, project, id),

    async list(project, { limit, before, model, state }) {
      const place =
        before === undefined ? null : await placeIn(db, 'releases', { project, id: before, param: 'cursor' });
      const rows = await withModel(db)
        .where('r.project_id', '=', project)
        .$if(place !== null, (query) => query.where('r.seq', '<', place ?? ''))
        .$if(model !== undefined, (query) => query.where('m.name', '=', model ?? ''))
        .$if(state !== undefined, (query) => query.where('r.state', '=', state ?? 'running'))
        .orderBy('r.seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toRelease);
    },

    async events(project, id) {
      const rows = await db
        .selectFrom('release_events as e')
        .innerJoin('releases as r', 'r.id', 'e.release_id')
        .selectAll('e')
        .where('r.project_id', '=', project)
        .where('r.id', '=', id)
        .orderBy('e.seq', 'desc')
        .limit(eventsShown)
        .execute();
      return rows.map(({ seq, at, actor, kind, detail }) => ({
        ...{ id: seq, at: at.toISOString(), by: actor, kind, detail },
      }));
    },

    async running() {
      const rows = await withModel(db).where('r.state', '=', 'running').orderBy('r.seq').execute();
      return rows.map((row) => ({ project: row.project_id as ProjectId, release: toRelease(row) }));
    },

    async claimDrafts() {
      const owing = db
        .selectFrom('releases')
        .select('id')
        .where(isOwingDrafts)
        .orderBy('seq')
        .limit(claimedAtOnce)
        .forUpdate()
        .skipLocked();
      const claimed = await db
        .updateTable('releases')
        .set({ drafting_at: sql<Date>`now()` })
        .where('id', 'in', owing)
        .returning('id')
        .execute();
      if (claimed.length === 0) return [];
      const ids = claimed.map(({ id }) => id);
      const rows = await withModel(db).where('r.id', 'in', ids).orderBy('r.seq').execute();
      return rows.map((row) => ({ project: row.project_id as ProjectId, release: toRelease(row) }));
    },

    drafted: (project, id, drafts) =>
      inTransaction(db, async (tx) => {
        const written = await tx
          .updateTable('releases')
          .set({ drafts: JSON.stringify({ ...drafts, at: new Date().toISOString() }) })
          .where('project_id', '=', project)
          .where('id', '=', id)
          .where('drafts', 'is', null)
          .returning('id')
          .executeTakeFirst();
        if (written) await addReleaseEvent(tx, id, { actor: `release ${id}`, kind: 'examples', detail: drafts });
      }),

    look: (project, id, look) => inTransaction(db, (tx) => lookIn(tx, project, { id, look, ...lead })),

    end: (by, id, { as, reason }) =>
      inTransaction(db, async (tx) => {
        const release = await lockRelease(tx, by.project, id);
        if (release === null) throw missing(id);
        const { state, model: name, alias, candidate } = release;
        if (state !== 'running' && !(state === 'promoted' && as === 'rolled_back'))
          throw new WheelhouseError('conflict', `The release ended before: it is ${state.replace('_', ' ')}.`);
        if (state === 'promoted') {
          const { id: model } = await lockModel(tx, by.project, name);
          const at = await readAlias(tx, model, alias);
          if (at?.version !== candidate)
            throw new WheelhouseError('conflict', `\`${name}@${alias}\` was moved since.`, {
              hint: 'Roll the alias itself back, or move it.',
            });
        }
        await endIn(tx, by, { release, as, reason });
        const ended = await readOne(tx, by.project, id);
        if (ended === null) throw missing(id);
        return ended;
      }),
  };
}
