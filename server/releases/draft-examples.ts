import type { LiveFeed, ReleaseStore, ReleaseTelemetry, RowAdder } from '@wheelhouse/core/ports';
import {
  canonicalJson,
  type Json,
  nanosPerMs,
  type ProjectId,
  type Release,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { failedCalls, memoryOf, sinceOf } from '@wheelhouse/core/watch';

/** What a call was asked and answered. */
type AnsweredRow = { input: Json; output: Json; traceId: TraceId; spanId: SpanId };

export type DraftDeps = {
  releases: Pick<ReleaseStore, 'claimDrafts' | 'drafted'>;
  telemetry: Pick<ReleaseTelemetry, 'now' | 'answers'>;
  /** Of traces that show an input. */
  traceRows(project: ProjectId, traces: TraceId[]): Promise<AnsweredRow[]>;
  rows: RowAdder;
  feed: Pick<LiveFeed, 'publish'>;
  log: { error(details: object, message: string): void };
};

/** Of the latest calls and scores so many are looked at, and so many of the worst become rows. */
const mostSeen = 20_000;
const mostRows = 100;
const shownRefusals = 5;

async function failedRows(deps: DraftDeps, project: ProjectId, release: Release) {
  const { model, alias, incumbent, candidate, sticky, rails } = release;
  const sinceNs = BigInt(sinceOf(memoryOf(release.evidence), Date.parse(release.seenUntil))) * nanosPerMs;
  const answers = await deps.telemetry.answers(project, {
    ...{ model, alias, incumbent, candidate, sticky, sinceNs, fromNs: sinceNs, untilNs: await deps.telemetry.now() },
    scores: rails.flatMap((rail) => (rail.kind === 'quality' ? [rail.score] : [])),
    most: mostSeen,
  });
  const failed = failedCalls(release, answers, mostRows);
  const rows = await deps.traceRows(
    project,
    failed.map(({ traceId }) => traceId),
  );
  const rowOf = new Map(rows.map((row) => [row.traceId, row]));
  const asked = new Set<string>();
  return failed.flatMap(({ traceId, against }) => {
    const row = rowOf.get(traceId);
    // Whoever asked the same may have failed the same way: one row of it is enough to be corrected.
    if (row === undefined || asked.has(canonicalJson(row.input))) return [];
    asked.add(canonicalJson(row.input));
    const { input, output, spanId } = row;
    const metadata = { release: release.id, version: candidate, against, answer: output };
    return [{ input, expected: null, metadata, tags: [release.id], source: { traceId, spanId } }];
  });
}

async function draft(deps: DraftDeps, project: ProjectId, release: Release, dataset: string): Promise<void> {
  const rows = await failedRows(deps, project, release);
  const said = (count: number, refused: string[]) =>
    deps.releases.drafted(project, release.id, { dataset, rows: count, refused: refused.slice(0, shownRefusals) });
  try {
    // A row that is there already is not added again, so that what a kill left half done is done again.
    const { refused } = await deps.rows.addRows({ project, actor: `release ${release.id}` }, dataset, rows);
    await said(
      rows.length - refused.length,
      refused.map(({ error }) => error),
    );
  } catch (error) {
    if (!(error instanceof WheelhouseError) || error.code !== 'not_found') throw error;
    await said(0, [error.message]);
  }
}

/** Makes the calls that failed of what was rolled back draft examples, where their release says so. */
export async function draftExamples(deps: DraftDeps): Promise<void> {
  for (const { project, release } of await deps.releases.claimDrafts()) {
    if (release.examples === null) continue;
    try {
      await draft(deps, project, release, release.examples.dataset);
      deps.feed.publish({ type: 'releases', project, id: release.id, model: release.model });
    } catch (err) {
      deps.log.error({ err, release: release.id }, 'calls that failed are no examples yet; tried again soon');
    }
  }
}
