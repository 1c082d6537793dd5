import type { EvaluationBody, OptimizationRowBody } from '@wheelhouse/sdk';
import { useRef } from 'react';
import { DataTable } from '../../parts/data-table.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { evaluationCells } from './evaluation-cells.tsx';
import { optimizationCells } from './optimization-cells.tsx';

export type Experiment = EvaluationBody | OptimizationRowBody;

export const isEvaluation = (one: Experiment): one is EvaluationBody => 'runs' in one;

type ExperimentListProps = {
  rows: readonly Experiment[];
  /** Ids of the evaluations that are to be compared. */
  picked: readonly string[];
  onPick: (id: string, isPicked: boolean) => void;
};

/** Whatever was tried, newest first. */
export function ExperimentList({ rows, picked, onPick }: ExperimentListProps) {
  const box = useRef<HTMLDivElement>(null);
  useShortcuts('Experiments', [
    {
      keys: 'x',
      label: 'pick to compare',
      run: () => {
        const row = document.activeElement?.closest('tr');
        if (row && box.current?.contains(row)) row.querySelector<HTMLInputElement>('input[type=checkbox]')?.click();
      },
    },
  ]);
  return (
    <div ref={box} className="contents">
      <DataTable
        label="Experiments"
        keysTitle="Experiments"
        heads={['Experiment', 'Verdict', 'Quality', 'Latency', 'Cost of a call', 'Spent', 'Started']}
        right={[2, 3, 4, 5]}
        rows={rows.map((one) => ({
          key: one.id,
          cells: isEvaluation(one)
            ? evaluationCells(one, {
                isPicked: picked.includes(one.id),
                onPick: (isPicked) => onPick(one.id, isPicked),
              })
            : optimizationCells(one),
        }))}
      />
    </div>
  );
}
