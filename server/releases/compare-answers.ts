import type { ReleaseAnswersBody } from '@wheelhouse/core/contract';
import { type BehaviourRow, compareBehaviour } from '@wheelhouse/core/eval';
import type { PairAsk, ReleaseTelemetry } from '@wheelhouse/core/ports';
import { isJsonObject, type Json, type ProjectId, type TraceId } from '@wheelhouse/core/records';

export type CompareAnswersDeps = {
  telemetry: Pick<ReleaseTelemetry, 'pairs'>;
  /** What went into traces and came out of them. */
  traceRows(project: ProjectId, traces: TraceId[]): Promise<{ input: Json; output: Json; traceId: TraceId }[]>;
};

/** So many of the latest are read. */
const most = 100;
const order = ['both_fail', 'fails', 'recovers', 'changed', 'same'] as const;

const textOf = (output: Json): string => {
  if (typeof output === 'string') return output;
  return isJsonObject(output) && typeof output.content === 'string' ? output.content : JSON.stringify(output);
};
const answered = (output: string | null): BehaviourRow['before'][number] => ({
  output,
  latencyNs: 0n,
  costNanoUsd: null,
});

/** How the answers of two versions to the same calls differ, what differs most first. */
export async function compareAnswers(
  deps: CompareAnswersDeps,
  project: ProjectId,
  ask: PairAsk,
): Promise<ReleaseAnswersBody> {
  const pairs = await deps.telemetry.pairs(project, { ...ask, most });
  const sides = pairs.flatMap(({ incumbent, candidate }) => [incumbent, candidate]);
  const rows = await deps.traceRows(
    project,
    sides.map(({ traceId }) => traceId),
  );
  const rowOf = new Map(rows.map((row) => [row.traceId, row]));
  const sideOf = ({ traceId, failed }: (typeof sides)[number]) => {
    const row = rowOf.get(traceId);
    return { traceId, output: failed || row === undefined ? null : textOf(row.output) };
  };
  // What shows no input was recorded without contents, and nobody can say what was said.
  const known = pairs.filter((pair) => rowOf.has(pair.incumbent.traceId));
  const told = known.map((pair) => ({
    input: rowOf.get(pair.incumbent.traceId)?.input ?? null,
    ...{ incumbent: sideOf(pair.incumbent), candidate: sideOf(pair.candidate) },
  }));
  const behaviour = compareBehaviour(
    told.map(({ incumbent, candidate }) => ({
      before: [answered(incumbent.output)],
      after: [answered(candidate.output)],
    })),
  );
  const data = told.map((one, i) => ({
    ...{ kind: behaviour.rows[i] ?? 'same', alike: behaviour.alike[i] ?? null },
    ...one,
  }));
  const likeness = behaviour.alike.filter((value) => value !== null);
  return {
    counts: behaviour.counts,
    alike: likeness.length === 0 ? null : likeness.reduce((sum, value) => sum + value, 0) / likeness.length,
    ...behaviour.keys,
    data: data.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.alike ?? 0) - (b.alike ?? 0)),
  };
}
