import type { DashboardDefinition } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways, RawBuilder } from 'kysely';

type Dashboards = {
  id: string;
  project_id: string;
  name: string;
  revision: ColumnType<number, never, number>;
  /** Written as JSON text. */
  definition: ColumnType<DashboardDefinition, string, string>;
  created_by: string;
  created_at: GeneratedAlways<Date>;
  changed_by: string;
  changed_at: ColumnType<Date, never, RawBuilder<Date>>;
};

/** Panels that people put together. */
export type DashboardTables = { dashboards: Dashboards };
