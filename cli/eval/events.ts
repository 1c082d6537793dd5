import type { EvaluationBody } from '@wheelhouse/sdk';

/** Progress at most so often as one of these is gone. */
const steps = 100;

/** Lines of JSON as things come: `evaluation`, `progress`, `cell` (of functions that run here), `result`, `gate`, `end`. */
export function createEvents(out: (text: string) => void) {
  let step = -1;
  const say = (type: string, said: object) => out(`${JSON.stringify({ type, ...said })}\n`);
  return {
    begin: ({ id, name, dataset, datasetVersion, runs, total }: EvaluationBody) =>
      say('evaluation', { id, name, dataset, datasetVersion, runs, total }),
    progress({ id, done, total, failed, costNanoUsd }: EvaluationBody): void {
      const now = total === 0 ? steps : Math.floor((done / total) * steps);
      if (now === step) return;
      step = now;
      say('progress', { id, done, total, failed, costNanoUsd });
    },
    cell: (cell: object) =>
      out(
        `${JSON.stringify({ type: 'cell', ...cell }, (_, value) => (typeof value === 'bigint' ? String(value) : value))}\n`,
      ),
    end({ id, results, summaries, gateResults, status, error, done, total, costNanoUsd }: EvaluationBody): void {
      for (const summary of summaries) say('summary', { id, ...summary });
      for (const result of results) say('result', { id, ...result });
      for (const gate of gateResults) say('gate', { id, ...gate });
      say('end', { id, status, error, done, total, costNanoUsd });
    },
  };
}
