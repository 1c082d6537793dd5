import type {
  Deletion,
  DeletionSubject,
  Json,
  JsonObject,
  LedgerAccount,
  ModelDefinition,
  Period,
  RenormalizationProgress,
  RepricingProgress,
  RepricingStatus,
  Signature,
  TraceExportProgress,
} from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways, Kysely, Transaction } from 'kysely';
import type { AbuseTables } from './abuse-tables.ts';
import type { AccessTables } from './access-tables.ts';
import type { AttachmentTables } from './attachment-tables.ts';
import type { ControlTables } from './control-tables.ts';
import type { DashboardTables } from './dashboard-tables.ts';
import type { DatasetTables } from './dataset-tables.ts';
import type { EvaluationTables } from './evaluation-tables.ts';
import type { IssueTables } from './issue-tables.ts';
import type { MonitorTables } from './monitor-tables.ts';
import type { ObjectTables } from './object-tables.ts';
import type { OnlineTables } from './online-tables.ts';
import type { OptimizationTables } from './optimization-tables.ts';
import type { PipelineTables } from './pipeline-tables.ts';
import type { ProviderTables } from './provider-tables.ts';
import type { RegistryTables } from './registry-tables.ts';
import type { ReleaseTables } from './release-tables.ts';
import type { ReviewTables } from './review-tables.ts';
import type { ScoringTables } from './scoring-tables.ts';
import type { TrackingTables } from './tracking-tables.ts';

/** 64 bits: a decimal string when read, so that nothing is rounded. */
type Int8 = ColumnType<string, bigint, bigint>;
/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;
type DatabaseTime = GeneratedAlways<Date>;

type Projects = {
  id: string;
  name: string;
  created_at: DatabaseTime;
  erasures: ColumnType<string, never, never>;
  keep_days: ColumnType<number | null, never, number | null>;
};

type Models = {
  id: string;
  project_id: string;
  name: string;
  description: string;
  tags: string[];
  owner: string | null;
  latest: ColumnType<number, never, number>;
  created_at: DatabaseTime;
  changed_at: DatabaseTime;
};

type ModelVersions = {
  model_id: string;
  number: number;
  hash: string;
  definition: JsonColumn<ModelDefinition>;
  signature: JsonColumn<Signature>;
  example: JsonColumn<Json>;
  message: string;
  author: string;
  made_from: string[];
  created_at: DatabaseTime;
};

type ModelAliases = {
  model_id: string;
  alias: string;
  version: number;
  /** Where it was before, the newest last. */
  befores: ColumnType<number[], number[] | undefined, number[]>;
  moved_at: ColumnType<Date, never, Date>;
};

type Audit = {
  id: GeneratedAlways<string>;
  project_id: string;
  at: DatabaseTime;
  actor: string;
  action: string;
  subject: string;
  detail: JsonColumn<JsonObject>;
};

type ChangeCounter = { value: Int8 };

type Ledgers = {
  project_id: string;
  server: string;
  accounts: JsonColumn<LedgerAccount[]>;
  saved_at: ColumnType<Date, never, Date>;
};

type DeadLetters = {
  id: string;
  project_id: string;
  source: string;
  reason: string;
  sample: string;
  path: string;
  content_type: string;
  body: Buffer;
  bytes: number;
  received_at: ColumnType<Date, string, never>;
  replays: ColumnType<number, never, number>;
};

/** Nano-dollars as decimal strings. */
export type RatesJson = Record<string, string>;

type Prices = {
  id: string;
  project_id: string;
  provider: string;
  model: string;
  service_tier: string | null;
  valid_from: ColumnType<Date | null, string | null, never>;
  valid_until: ColumnType<Date | null, never, string>;
  per_million: JsonColumn<RatesJson>;
  tiers: JsonColumn<{ aboveInputTokens: number; perMillion: RatesJson }[]>;
  source: string;
  created_by: string;
  created_at: DatabaseTime;
  ended_by: ColumnType<string | null, never, string>;
};

type Repricings = {
  number: GeneratedAlways<string>;
  id: string;
  project_id: string;
  period: JsonColumn<Period>;
  status: ColumnType<RepricingStatus, never, RepricingStatus>;
  error: ColumnType<string | null, never, string | null>;
  total: number;
  progress: JsonColumn<
    Omit<RepricingProgress, 'beforeNanoUsd' | 'afterNanoUsd'> & { beforeNanoUsd: string; afterNanoUsd: string }
  >;
  requested_by: string;
  requested_at: DatabaseTime;
  finished_at: ColumnType<Date | null, never, Date>;
};

type Renormalizations = {
  id: string;
  project_id: string;
  from_at: string;
  until_at: string;
  normalizer: number;
  status: ColumnType<RepricingStatus, never, RepricingStatus>;
  error: ColumnType<string | null, never, string | null>;
  total: number;
  progress: JsonColumn<RenormalizationProgress>;
  requested_by: string;
  requested_at: DatabaseTime;
  finished_at: ColumnType<Date | null, never, Date>;
};

type Exports = {
  id: string;
  project_id: string;
  q: string;
  now_ns: string;
  status: ColumnType<RepricingStatus, never, RepricingStatus>;
  error: ColumnType<string | null, never, string | null>;
  total: number;
  progress: JsonColumn<TraceExportProgress>;
  requested_by: string;
  requested_at: DatabaseTime;
  finished_at: ColumnType<Date | null, never, Date>;
};

type Views = {
  id: string;
  project_id: string;
  name: string;
  url: string;
  created_by: string;
  created_at: DatabaseTime;
};

type Deletions = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  subject: JsonColumn<DeletionSubject>;
  status: ColumnType<Deletion['status'], never, Deletion['status']>;
  error: ColumnType<string | null, never, string>;
  traces: ColumnType<number | null, never, number>;
  requested_by: string;
  requested_at: DatabaseTime;
  finished_at: ColumnType<Date | null, never, Date>;
};

/** The tables of schema `wheelhouse`, as the migrations leave them. */
export type Database = AbuseTables &
  AccessTables &
  AttachmentTables &
  ControlTables &
  EvaluationTables &
  DashboardTables &
  DatasetTables &
  IssueTables &
  MonitorTables &
  ObjectTables &
  OnlineTables &
  OptimizationTables &
  PipelineTables &
  ProviderTables &
  RegistryTables &
  ReleaseTables &
  ReviewTables &
  ScoringTables &
  TrackingTables & {
    projects: Projects;
    models: Models;
    model_versions: ModelVersions;
    model_aliases: ModelAliases;
    audit: Audit;
    change_counter: ChangeCounter;
    views: Views;
    deletions: Deletions;
    ledgers: Ledgers;
    dead_letters: DeadLetters;
    prices: Prices;
    repricings: Repricings;
    renormalizations: Renormalizations;
    exports: Exports;
  };

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;
