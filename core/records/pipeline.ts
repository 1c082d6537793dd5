import type { Role } from './actor.ts';
import type { Json, JsonObject } from './json.ts';
import type { ReleaseAllocation, ReleaseRail, ReleaseRisks, ReleaseStep, StickyKind } from './release.ts';

/** What starts a run by itself. */
export type PipelineTrigger =
  /** Five fields of cron, in UTC. */
  | { on: 'schedule'; cron: string }
  /** An alert of the monitor opens. */
  | { on: 'alert'; monitor: string }
  /** So many items of the queue were labelled since the last run that they started. */
  | { on: 'labels'; queue: string; count: number }
  /** A release of the model's alias is rolled back. */
  | { on: 'rolled_back' }
  /** The vendor calls the base model behind the alias deprecated. */
  | { on: 'deprecated' };

export const pipelineTriggerKinds = ['schedule', 'alert', 'labels', 'rolled_back', 'deprecated'] as const;
export const pipelineStepKinds = ['dataset', 'optimize', 'publish', 'evaluate', 'approve', 'release'] as const;
export type PipelineStepKind = (typeof pipelineStepKinds)[number];

type Named = { name: string };

/** Each takes what it needs of the steps before it: the newest dataset version, optimization and version. */
export type PipelineStep =
  | (Named & {
      do: 'dataset';
      dataset: string;
      /** `draft`: what is in it is frozen; `recipe`: it is made again by its recipe. */
      from: 'draft' | 'recipe';
      /** What people corrected in this queue goes into the draft before. */
      queue: string | null;
      /** With fewer rows the run is held back. */
      least: number;
    })
  | (Named & {
      do: 'optimize';
      /** null: of the step before. */
      dataset: string | null;
      model: string | null;
      proposer: string | null;
      scorers: Json[];
      optimizer: JsonObject;
      budget: JsonObject;
      seed: number;
      concurrency: number;
    })
  /** What the optimization found becomes a version; an alias besides that of the pipeline may follow it. */
  | (Named & {
      do: 'publish';
      alias: string | null;
      /** Although callers of that alias may fail; pipelines that were set before it was known lack it. */
      breaking?: boolean;
    })
  | (Named & {
      do: 'evaluate';
      dataset: string | null;
      rows: { split: string | null; tag: string | null; first: number | null };
      scorers: Json[];
      gates: string[];
      repetitions: number;
      concurrency: number;
    })
  | (Named & { do: 'approve'; role: Exclude<Role, 'viewer'>; hours: number; note: string })
  | (Named & {
      do: 'release';
      share: number;
      steps: ReleaseStep[] | null;
      /** The share moves by how the candidate does; pipelines that were set before it was known lack it. */
      allocation?: ReleaseAllocation | null;
      sticky: StickyKind;
      rails: ReleaseRail[] | null;
      risks: ReleaseRisks;
      minimum: number;
      promotesItself: boolean;
      /** Although callers may fail with the candidate; pipelines that were set before it was known lack it. */
      breaking?: boolean;
      examples: { dataset: string } | null;
    });

/** How a better version of a model is made and released, again and again. */
export type PipelineDefinition = {
  description: string;
  model: string;
  alias: string;
  /** An alias or the number of the version that is judged; null: the one that is published on the way. */
  candidate: string | null;
  /** Dollars that a run may cost; null: no bound. */
  budget: string | null;
  /** Between the end of a run and the next one that nobody starts by hand. */
  restHours: number;
  triggers: PipelineTrigger[];
  steps: PipelineStep[];
};

/** Why a run began. */
export type PipelineCause = { kind: PipelineTrigger['on'] | 'hand'; sentence: string };

export type Pipeline = {
  id: string;
  name: string;
  definition: PipelineDefinition;
  /** In whose name runs act that nobody starts by hand. */
  appliedBy: string;
  changedAt: string;
  createdAt: string;
  /** What would have started a run while one was under way, or at rest. */
  pending: PipelineCause | null;
};

export const pipelineRunStates = ['running', 'asks', 'done', 'held_back', 'failed', 'stopped'] as const;
/** `asks`: somebody has to say yes; `held_back`: a gate, a person or a release said no. */
export type PipelineRunState = (typeof pipelineRunStates)[number];

/** What a step made, for those behind it and for people. */
export type PipelineOutput = {
  dataset?: { name: string; version: number; rows: number };
  job?: string;
  optimization?: string;
  evaluation?: string;
  version?: number;
  release?: string;
  /** Of an approval: why callers may fail with what is to be released behind it. */
  breaking?: string[];
};

/** `breaking`: callers are ready, who may fail with what is to be released. */
export type PipelineDecision = { yes: boolean; by: string; note: string; at: string; breaking?: boolean };

export type PipelineStepRun = {
  name: string;
  do: PipelineStepKind;
  state: 'to_do' | 'running' | 'asks' | 'done' | 'held_back' | 'failed' | 'stopped';
  /** How often it was tried. */
  attempts: number;
  /** What it has under way ended badly, and is to go on. */
  resumes: boolean;
  /** What there is to say of it now. */
  sentence: string;
  output: PipelineOutput;
  progress: { done: number; total: number } | null;
  etaSeconds: number | null;
  /** In decimal nano-dollars. */
  costNanoUsd: string;
  startedAt: string | null;
  endedAt: string | null;
  /** Of an approval: who decided, and what they said. */
  decision: PipelineDecision | null;
  /** Of an approval: when no answer is a no. */
  until: string | null;
};

/** One way through the steps, resumed where it was whatever is killed. Times are ISO 8601. */
export type PipelineRun = {
  id: string;
  pipeline: string;
  /** Counts the runs of the pipeline, from 1. */
  number: number;
  state: PipelineRunState;
  cause: PipelineCause;
  definition: PipelineDefinition;
  /** In whose name it acts: who started it or wrote the definition, from an approval on who gave it. */
  actsAs: string;
  /** The version that the alias was at when it began; null: it has not begun. */
  baseline: number | null;
  /** What was the candidate then, where the definition names one. */
  candidate: number | null;
  steps: PipelineStepRun[];
  /** Why it ended, or what it waits for. */
  sentence: string;
  /** Somebody wants it to stop, as soon as what it started is stopped. */
  stopping: { by: string; reason: string } | null;
  startedAt: string;
  endedAt: string | null;
};
