import type {
  OptimizationBody,
  OptimizationCandidateBody,
  OptimizationCandidateDetailBody,
  OptimizationRowBody,
} from '@wheelhouse/core/contract';
import type {
  CandidateScore,
  Optimization,
  OptimizationBudget,
  OptimizationCandidate,
  OptimizationSpent,
  OptimizationSummary,
} from '@wheelhouse/core/records';

const unscored: CandidateScore = { score: null, minibatch: null, calls: 0, costNanoUsd: '0', latencyMs: null };

export function summaryBody({
  proposer: _,
  scorers: __,
  seed: ___,
  concurrency: ____,
  turn: _____,
  budget: ______,
  ...row
}: OptimizationSummary): OptimizationRowBody {
  return row;
}

/** How much of the budget is gone, 0 to 1: the largest share of its members. */
function shareOf({ costNanoUsd, calls, minutes }: OptimizationBudget, spent: OptimizationSpent): number {
  const share = (used: number, of: number | null) => (of === null ? 0 : of <= 0 ? 1 : used / of);
  const most = Math.max(
    share(spent.calls, calls),
    share(Number(spent.costNanoUsd ?? 0), costNanoUsd === null ? null : Number(costNanoUsd)),
    share(spent.minutes, minutes),
  );
  return Math.min(1, most);
}

type Told = Omit<OptimizationCandidate, 'instances'>;

export const candidateBody = (
  { progress }: Pick<Optimization, 'progress'>,
  { id, by, parents, changed }: Told,
  n: number,
): OptimizationCandidateBody => ({
  ...{ id, n, by, parents, changed },
  ...(progress.scores[id] ?? unscored),
});

export function optimizationBody(optimization: Optimization, candidates: readonly Told[]): OptimizationBody {
  const { progress, definition, report, budget, ...rest } = optimization;
  const share = shareOf(budget, progress.spend);
  const isRunning = rest.state === 'running';
  const seconds = progress.spend.minutes * 60;
  return {
    ...{ ...rest, budget, report, share },
    etaSeconds: isRunning && share > 0 && seconds > 0 ? Math.round((seconds * (1 - share)) / share) : null,
    phase: isRunning ? progress.phase : null,
    ...{ rows: progress.rows, points: progress.points, front: progress.front, failures: progress.failures },
    candidates: candidates.map((one, n) => candidateBody(optimization, one, n)),
    bestId: progress.bestId,
    isPublishable: definition !== null && report?.verdict === 'gain',
  };
}

type Instances = OptimizationCandidateDetailBody['instances'];
const instancesOf = ({ instances }: OptimizationCandidate): Instances => instances as Instances;

export const candidateDetailBody = (
  body: OptimizationCandidateBody,
  {
    own,
    parent,
    start,
  }: { own: OptimizationCandidate; parent: OptimizationCandidate | null; start: OptimizationCandidate },
): OptimizationCandidateDetailBody => ({
  ...body,
  ...{ instances: instancesOf(own), parent: parent && instancesOf(parent), start: instancesOf(start) },
});
