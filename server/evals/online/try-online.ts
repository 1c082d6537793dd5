import type { ResponseBody } from '@wheelhouse/core/contract';
import { allOf, notOf } from '@wheelhouse/core/query';
import {
  type Filter,
  judgeTag,
  type OnlineDefinition,
  type ProjectId,
  preview,
  type Score,
  type ScorerResult,
  type TraceId,
} from '@wheelhouse/core/records';
import { filterOf, type ReadTarget, targetId } from '../scoring/read-targets.ts';
import { scoreTargets } from '../scoring/score-targets.ts';
import { readFollowUps } from './follow-ups.ts';
import type { OnlineLookDeps } from './look.ts';
import { readOnlineTargets } from './online-targets.ts';

type Tried = ResponseBody<'tryOnlineEvaluation'>;

const tried = 10;
/** Of these more are looked at, since few people ask again. */
const followed = 50;
const sessionsCounted = 500;
const shown = 300;

/** Without what judges. */
export const unjudged: Filter = notOf({ type: 'is', field: 'tag', patterns: [[judgeTag]] });

/** The newest that fit, and how many of a day do. */
async function recent(
  { queries, clock }: OnlineLookDeps,
  project: ProjectId,
  { of, q, sample, waitSeconds }: OnlineDefinition,
): Promise<{ ids: string[]; perDay: number }> {
  const filter = allOf([filterOf(q), unjudged]);
  const nowNs = clock.now();
  const lately: Filter = { type: 'last', ns: 86_400_000_000_000n };
  const ofDay = { filter: allOf([filter, lately]), nowNs };
  if (of === 'sessions') {
    const { data } = await queries.sessions(project, { ...ofDay, limit: sessionsCounted });
    const { data: newest } = await queries.sessions(project, { filter, nowNs, limit: tried });
    return { ids: newest.map(({ sessionId }) => sessionId), perDay: Math.round(data.length * sample) };
  }
  const { total } = await queries.facets(project, { ...ofDay, fields: ['status'], limit: 1 });
  const old: Filter = { type: 'until', ns: nowNs - BigInt(waitSeconds) * 1_000_000_000n };
  const isFollowed = of === 'follow_ups';
  const { data } = await queries.list(project, {
    ...{ filter: isFollowed ? allOf([filter, old]) : filter, nowNs, limit: isFollowed ? followed : tried },
  });
  return { ids: data.map(({ traceId }) => traceId), perDay: Math.round(total * sample) };
}

const textOf = (value: unknown) => preview(typeof value === 'string' ? value : JSON.stringify(value), shown);

const rowOf = (target: ReadTarget, scores: Tried['rows'][number]['scores']): Tried['rows'][number] => ({
  ...{ traceId: target.traceId, spanId: target.spanId, sessionId: target.sessionId },
  ...{ input: textOf(target.target.input), output: textOf(target.target.output), scores },
});

const yes: ScorerResult = {
  ...{ ok: true, score: 1, label: null, reason: null, feedback: null, metadata: {}, calls: null },
};

/** Those that were asked again. */
async function tryFollowUps(
  deps: OnlineLookDeps,
  project: ProjectId,
  { definition, ids, perDay }: { definition: OnlineDefinition; ids: string[]; perDay: number },
): Promise<Tried> {
  const online = { name: '', version: 0, waitSeconds: definition.waitSeconds };
  const { looked, made } = await readFollowUps(deps, project, { ids: ids as TraceId[], online });
  const found = made.filter(({ name, value }) => name !== 'settled' && value === true);
  const traces = [...new Set(found.flatMap(({ traceId }) => traceId ?? []))];
  const targets = await readOnlineTargets(deps, project, { ids: traces, online: { ...definition, of: 'traces' } });
  const scoresOf = ({ traceId }: ReadTarget) =>
    found.filter((one: Score) => one.traceId === traceId).map(({ name }) => ({ name, result: yes }));
  const rows = targets.map((target) => rowOf(target, scoresOf(target)));
  return { looked, perDay, costNanoUsd: '0', perDayNanoUsd: '0', rows };
}

/** What it would say of some of the newest, and what a day like the last would cost. Nothing is kept. */
export async function tryOnline(
  deps: OnlineLookDeps,
  project: ProjectId,
  definition: OnlineDefinition,
): Promise<Tried> {
  const { ids, perDay } = await recent(deps, project, definition);
  if (definition.of === 'follow_ups') return tryFollowUps(deps, project, { definition, ids, perDay });
  const targets = (await readOnlineTargets(deps, project, { ids, online: definition })).slice(0, tried);
  const wanted = targets.map((target) => ({ target, scorers: definition.scorers }));
  const { signal } = new AbortController();
  const { said, cost } = await scoreTargets(deps, { project, wanted, leftNanoUsd: null, signal });
  const isPriced = said.every(({ result: { calls } }) => calls === null || calls.costNanoUsd !== null);
  const each = targets.length === 0 ? null : cost / BigInt(targets.length);
  const scoresOf = (target: ReadTarget) =>
    said.filter((one) => targetId(one.target) === targetId(target)).map(({ name, result }) => ({ name, result }));
  return {
    ...{ looked: targets.length, perDay, costNanoUsd: isPriced ? String(cost) : null },
    perDayNanoUsd: isPriced && each !== null ? String(each * BigInt(perDay)) : null,
    rows: targets.map((target) => rowOf(target, scoresOf(target))),
  };
}
