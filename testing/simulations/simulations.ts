import { abuse } from './abuse.ts';
import { agreementIntervals } from './agreement-intervals.ts';
import { alertGroups } from './alert-groups.ts';
import { alerts } from './alerts.ts';
import { allocatedReleases } from './allocated-releases.ts';
import { calledDifferent } from './called-different.ts';
import { callsToLearn } from './calls-to-learn.ts';
import { compiling } from './compiling.ts';
import { covariates } from './covariates.ts';
import { drift } from './drift.ts';
import { judgeCorrection } from './judge-correction.ts';
import { margins } from './margins.ts';
import { pairedCoverage } from './paired-coverage.ts';
import { peeking } from './peeking.ts';
import { probes } from './probes.ts';
import { promisedPower } from './promised-power.ts';
import { referenceIntervalsSimulation } from './reference-intervals.ts';
import { releases } from './releases.ts';
import type { Simulation } from './simulation.ts';

/** Every simulation; a new one is a file of its own and a line here. */
export const simulations: readonly Simulation[] = [
  pairedCoverage,
  referenceIntervalsSimulation,
  calledDifferent,
  promisedPower,
  margins,
  peeking,
  covariates,
  judgeCorrection,
  agreementIntervals,
  compiling,
  alerts,
  alertGroups,
  drift,
  probes,
  callsToLearn,
  releases,
  allocatedReleases,
  abuse,
];
