import {
  buildColumn,
  type Column,
  compareColumns,
  decideGate,
  familySize,
  type Measure,
  measureNamed,
  measuresOf,
  type Pairing,
  summarize,
  verdictsOf,
} from '@wheelhouse/core/eval';
import type { CellStore, EvaluationOutcome } from '@wheelhouse/core/ports';
import type { Gate, GateResult, MeasureSummary, ProjectId, RunId } from '@wheelhouse/core/records';

type Deps = { cells: Pick<CellStore, 'measured'>; project: ProjectId };
/** The first run is the baseline. */
type Compared = { runs: RunId[]; scorers: string[]; gates: Gate[] };

const cellsAtOnce = 50_000;

/** One measure of one run, read page by page. */
async function readColumn({ cells, project }: Deps, run: RunId, measure: string): Promise<Column> {
  const { add, column } = buildColumn();
  for (let after: Parameters<typeof cells.measured>[1]['after']; ; ) {
    const page = await cells.measured(project, { run, measure, limit: cellsAtOnce, after });
    for (const cell of page) add(cell);
    after = page.at(-1);
    if (page.length < cellsAtOnce) return column;
  }
}

/** Each candidate of a gate; of an evaluation without candidates, the only run. */
function decide(gates: readonly Gate[], runs: RunId[], columns: readonly Column[]): GateResult[] {
  const [a] = columns;
  return gates.flatMap((gate) =>
    columns.flatMap((b, i) => {
      const isBaseline = i === 0;
      if (isBaseline && columns.length > 1) return [];
      return decideGate(gate, runs[i] as RunId, { a: isBaseline || !a ? null : a, b }) ?? [];
    }),
  );
}

/**
 * What runs over the same dataset version say: each on its own, each candidate against the baseline, and the gates. One
 * measure at a time is in memory.
 */
export async function computeOutcome(deps: Deps, { runs, scorers, gates }: Compared): Promise<EvaluationOutcome> {
  const measures = measuresOf(scorers);
  const summaries: MeasureSummary[] = [];
  const pairings: Pairing[] = [];
  const gateResults: GateResult[] = [];
  const all: Measure[] = [...measures, measureNamed('errors')];
  for (const measure of all) {
    const columns: Column[] = [];
    for (const run of runs) columns.push(await readColumn(deps, run, measure.name));
    summaries.push(...columns.map((column, i) => summarize(measure, column, runs[i] as RunId)));
    gateResults.push(
      ...decide(
        gates.filter((gate) => gate.measure === measure.name),
        runs,
        columns,
      ),
    );
    if (measure.kind === 'errors') continue;
    const [a, ...candidates] = columns;
    const family = familySize(measures, measure, candidates.length);
    for (const [i, b] of candidates.entries())
      if (a) pairings.push(compareColumns(measure, { a, b }, { runId: runs[i + 1] as RunId, family }));
  }
  const order = (gate: Gate) => gates.indexOf(gate);
  return {
    summaries,
    // By candidate, then by measure, as people read them.
    results: runs.slice(1).flatMap((run) => verdictsOf(pairings).filter(({ runId }) => runId === run)),
    gateResults: gateResults.sort((x, y) => order(x.gate) - order(y.gate)),
  };
}
