import type {
  EvaluationBody,
  EvaluationEstimateBody,
  Handlers,
  ParsedBody,
  ReplayBody,
  ReplayInputBody,
  ReplayRouteId,
  RequestBody,
} from '@wheelhouse/core/contract';
import { alignCalls } from '@wheelhouse/core/eval';
import type { EvaluationStore, RowAdder } from '@wheelhouse/core/ports';
import {
  type Caller,
  type Json,
  offsetOf,
  type ProjectId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type BehaviourDeps, createBehaviourReader, type ReplayBehaviour } from './read-behaviour.ts';
import { type AskedByReplays, noReplay, replayOf } from './replay-of.ts';

export type { AskedByReplays };

/** What somebody asked, as a trace shows it. */
export type AskedInput = { input: Json; source: { traceId: TraceId; spanId: string | null } };

export type ReplayDeps = BehaviourDeps & {
  /** The newest different inputs of a model, or a version, outside of evaluations; what traces show none, in words. */
  inputs(project: ProjectId, ask: { ref: string; last: number }): Promise<{ rows: AskedInput[]; without: string[] }>;
  estimate(
    by: Caller,
    ask: { refs: string[]; inputs: Json[]; repetitions: number; scorers: NewReplay['scorers'] },
  ): Promise<EvaluationEstimateBody>;
  rows: RowAdder;
  evaluations: Pick<EvaluationStore, 'list'>;
};

type NewReplay = ParsedBody<'startReplay'>;

const shownReasons = 5;
const order: Record<ReplayInputBody['kind'], number> = { fails: 0, changed: 1, recovers: 2, both_fail: 3, same: 4 };

type Asked = { incumbent: number; refs: string[]; rows: AskedInput[]; without: string[] };

async function askedOf(deps: ReplayDeps, by: Caller, { model, alias, candidate, last }: NewReplay): Promise<Asked> {
  const found = await deps.call(by, 'getModel', { params: { name: model } });
  const incumbent = found.model.aliases.find((one) => one.alias === alias)?.version;
  if (incumbent === undefined)
    throw new WheelhouseError('not_found', `There is no \`${model}@${alias}\`.`, {
      ...{ param: 'alias', hint: 'Move the alias to its first version, or name another one.' },
    });
  if (candidate > found.model.latest)
    throw new WheelhouseError('not_found', `\`${model}\` has no version ${candidate}.`, {
      ...{ param: 'candidate', hint: `Its newest is ${found.model.latest}.` },
    });
  const [before, after] = [`${model}@${incumbent}`, `${model}@${candidate}`];
  const own = await deps.inputs(by.project, { ref: before, last });
  // An alias that has just moved was asked of the versions before.
  const { rows, without } = own.rows.length > 0 ? own : await deps.inputs(by.project, { ref: model, last });
  if (rows.length === 0)
    throw new WheelhouseError('not_found', `No trace shows what \`${model}\` was asked.`, {
      ...{ param: 'model', hint: 'Call it first, or evaluate both versions on a dataset.' },
    });
  return { incumbent, refs: before === after ? [before] : [before, after], rows, without };
}

/** A dataset of its own, so that the inputs stay the same however often they are asked. */
async function keepInputs(deps: ReplayDeps, by: Caller, { refs: [ref = ''], rows }: Asked): Promise<string> {
  const stamp = new Date(deps.nowMs()).toISOString().replace(/\D/g, '');
  const name = `replay-${ref.replace(/[^a-z0-9-]+/g, '-').slice(0, 70)}-${stamp}`;
  const description = `What ${ref} was asked last, to be asked again.`;
  await deps.call(by, 'createDataset', { body: { name, description, source: `traces of ${ref}` } });
  const kept = rows.map(({ input, source }) => ({ input, expected: null, metadata: {}, source }));
  await deps.rows.addRows(by, name, kept as Parameters<RowAdder['addRows']>[2]);
  return name;
}

async function start(deps: ReplayDeps, by: Caller, body: NewReplay): Promise<EvaluationBody> {
  const { model, alias, candidate, repetitions, scorers, cap } = body;
  const asked = await askedOf(deps, by, body);
  const dataset = await keepInputs(deps, by, asked);
  const [before, after = before] = asked.refs;
  const evaluation = {
    ...{ name: `Replay of ${before} with ${after}`, dataset, repetitions, scorers, cap },
    runs: asked.refs.map((ref) => ({ ref })),
    metadata: { replay: { model, alias, incumbent: asked.incumbent, candidate } },
  };
  try {
    return await deps.call(by, 'createEvaluation', { body: evaluation as RequestBody<'createEvaluation'> });
  } catch (error) {
    await deps.call(by, 'removeDataset', { params: { name: dataset } });
    throw error;
  }
}

function behaviourBody({ behaviour, rows, isSettled }: ReplayBehaviour) {
  const { counts, alike, before, after, keys, tools, fields } = behaviour;
  const known = alike.flatMap((one, i) => (behaviour.rows[i] === 'changed' && one !== null ? [one] : []));
  const mean = known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length;
  return {
    behaviour: {
      ...{ inputs: rows.length, counts, alike: mean, before, after, keys, fields },
      tools: { counts: tools.counts, tools: tools.tools },
    },
    isSettled,
  };
}

/** What says most first: what fails, then what is least alike. */
function inputsOf({ rows, behaviour }: ReplayBehaviour, kind: ReplayInputBody['kind'] | 'tools' | undefined) {
  return rows
    .map((row, i) => ({
      row,
      kind: behaviour.rows[i] ?? 'same',
      alike: behaviour.alike[i] ?? null,
      tools: behaviour.tools.rows[i] ?? null,
    }))
    .filter((one) =>
      kind === 'tools' ? one.tools !== null && one.tools !== 'same' : kind === undefined || one.kind === kind,
    )
    .sort((a, b) => order[a.kind] - order[b.kind] || (a.alike ?? -1) - (b.alike ?? -1));
}

function inputBody({ row, ...found }: ReturnType<typeof inputsOf>[number]): ReplayInputBody {
  const answer = ({ output, error, latencyNs, costNanoUsd, traceId }: (typeof row.before)[number]) => ({
    ...{ output, error, latencyNs, costNanoUsd, traceId },
  });
  const { exampleId, input, before, after } = row;
  return {
    ...{ exampleId, input, ...found, before: before.map(answer), after: after.map(answer) },
    calls: alignCalls(before[0]?.tools ?? [], after[0]?.tools ?? []),
  };
}

/** Asks what an alias was asked last again: by an evaluation, whose answers are compared as callers would notice them. */
export function createReplayHandlers(deps: ReplayDeps): Handlers<ReplayRouteId> {
  const { call, evaluations } = deps;
  const behaviourOf = createBehaviourReader(deps);

  async function found(by: Caller, id: string): Promise<{ evaluation: EvaluationBody; replay: ReplayBody }> {
    const evaluation = await call(by, 'getEvaluation', { params: { evaluationId: id } });
    const replay = replayOf(evaluation);
    if (replay === null) throw noReplay(id);
    return { evaluation, replay };
  }
  const shown = (evaluation: EvaluationBody): ReplayBody => {
    const replay = replayOf(evaluation);
    if (replay === null) throw noReplay(evaluation.id);
    return replay;
  };

  return {
    async listReplays({ by, query: { limit, cursor, model } }) {
      const all = await evaluations.list(by.project, {
        ...{ limit: limit + 1, replays: true },
        ...(cursor === undefined ? {} : { before: cursor }),
        ...(model === undefined ? {} : { model }),
      });
      const page = all.slice(0, limit);
      const text = (amount: bigint | null) => (amount === null ? null : String(amount));
      const data = page.flatMap(({ costNanoUsd, estimateNanoUsd, capNanoUsd, ...one }) => {
        const money = { costNanoUsd: text(costNanoUsd), estimateNanoUsd: text(estimateNanoUsd) };
        return replayOf({ ...one, ...money, capNanoUsd: text(capNanoUsd) }) ?? [];
      });
      return { data, next: all.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
    startReplay: async ({ by, body }) => shown(await start(deps, by, body)),
    async estimateReplay({ by, body }) {
      const { incumbent, refs, rows, without } = await askedOf(deps, by, body);
      const { model, candidate, repetitions, scorers } = body;
      const inputs = rows.map(({ input }) => input);
      const [{ calls, costNanoUsd, seconds }, { changes }] = await Promise.all([
        deps.estimate(by, { refs, inputs, repetitions, scorers }),
        call(by, 'diffVersions', {
          ...{ params: { name: model }, query: { from: String(incumbent), to: String(candidate) } },
        }),
      ]);
      const breaking = changes.filter((change) => change.breaking).map(({ text }) => text);
      return {
        ...{ incumbent, candidate, inputs: rows.length, without: without.slice(0, shownReasons) },
        ...{ calls, costNanoUsd, seconds, breaking },
      };
    },
    async getReplay({ by, params }) {
      const { evaluation, replay } = await found(by, params.replayId);
      const read = await behaviourOf(by, evaluation);
      // Answers are counted by and by, and there before.
      const done = Math.max(replay.done, read.rows.length * replay.repetitions * evaluation.runs.length);
      return { replay: { ...replay, done }, ...behaviourBody(read) };
    },
    async listReplayInputs({ by, params, query: { limit, cursor, kind } }) {
      const { evaluation } = await found(by, params.replayId);
      const from = offsetOf(cursor);
      const all = inputsOf(await behaviourOf(by, evaluation), kind);
      const data = all.slice(from, from + limit).map(inputBody);
      return { data, next: all.length > from + limit ? String(from + limit) : null };
    },
    async stopReplay({ by, params }) {
      const { evaluation } = await found(by, params.replayId);
      return shown(await call(by, 'stopEvaluation', { params: { evaluationId: evaluation.id } }));
    },
  };
}
