import type { BudgetPeriod, ControlScope } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

type Int8 = ColumnType<string, bigint | number, bigint | number>;
type MaybeInt8 = ColumnType<string | null, number | null, number | null>;

type Budgets = {
  id: string;
  project_id: string;
  scope: ControlScope;
  subject: string;
  period: BudgetPeriod;
  amount_nano_usd: Int8;
  hard: boolean;
  alert_at: number;
  created_by: string;
  created_at: GeneratedAlways<Date>;
};

type Limits = {
  id: string;
  project_id: string;
  scope: ControlScope;
  subject: string;
  requests_per_minute: MaybeInt8;
  tokens_per_minute: MaybeInt8;
  parallel_calls: MaybeInt8;
  created_by: string;
  created_at: GeneratedAlways<Date>;
};

type Allowances = {
  account: string;
  slot: Int8;
  server: string;
  used: Int8;
  held: Int8;
  held_until: Date;
  forget_at: Date | null;
};

export type ControlTables = { budgets: Budgets; limits: Limits; allowances: Allowances };
