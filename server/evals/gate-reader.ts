import { measureNamesOf, parseGate } from '@wheelhouse/core/eval';
import type { CellStore, EvaluationStore, GateReader } from '@wheelhouse/core/ports';
import type { Evaluation, Gate, Run } from '@wheelhouse/core/records';
import { computeOutcome } from './outcome.ts';

type Deps = { evaluations: Pick<EvaluationStore, 'list'>; cells: Pick<CellStore, 'measured'> };

const evaluationsLookedAt = 100;

function readGate(text: string, measures: readonly string[]): Gate | null {
  try {
    return parseGate(text, measures);
  } catch {
    return null;
  }
}

/** Decides gates of aliases by the newest completed evaluation of both versions, whichever of them was its baseline. */
export function createGateReader(deps: Deps): GateReader {
  return {
    async decide(project, { model, version, against, gates }) {
      const of = (number: number) => (run: Run) => run.model === model && run.version === number;
      const found = await deps.evaluations.list(project, {
        ...{ limit: evaluationsLookedAt, model: `${model}@${version}`, status: 'completed' },
      });
      const pairIn = ({ runs }: Evaluation): Run[] | null => {
        const candidate = runs.find(of(version));
        const baseline = against === null ? candidate : runs.find(of(against));
        return candidate && baseline ? [...new Set([baseline, candidate])] : null;
      };
      const evaluation = found.find((one) => pairIn(one) !== null);
      const runs = evaluation && pairIn(evaluation);
      if (!evaluation || !runs) return { evaluation: null, results: [] };
      const measures = measureNamesOf(evaluation.scorers);
      const read = gates.map((text) => ({ text, gate: readGate(text, measures) }));
      const { gateResults } = await computeOutcome(
        { ...deps, project },
        {
          ...{ runs: runs.map(({ id }) => id), scorers: evaluation.scorers },
          gates: read.flatMap(({ gate }) => gate ?? []),
        },
      );
      const results = read.map(({ text, gate }) => {
        if (gate === null)
          return { text, state: 'not_measured' as const, sentence: 'The evaluation does not measure it.' };
        const result = gateResults.find((one) => one.gate === gate);
        // Nothing is there yet that it could be worse than.
        if (!result) return { text, state: 'held' as const, sentence: 'There is no version to compare with.' };
        return { text, state: result.state, sentence: result.sentence };
      });
      return { evaluation: evaluation.id, results };
    },
  };
}
