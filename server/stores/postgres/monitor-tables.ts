import type { Alert, ChannelKind, Delivery, MonitorDefinition, MonitorLook } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;
/** Milliseconds since 1970; a decimal string when read. */
type Milliseconds = ColumnType<string, number | undefined, number>;
type NullableTime = ColumnType<Date | null, string | null | undefined, string | Date | null>;

type Monitors = {
  id: string;
  project_id: string;
  name: string;
  definition: JsonColumn<MonitorDefinition>;
  look: JsonColumn<MonitorLook>;
  alert_id: string | null;
  silenced_until: NullableTime;
  due_ms: Milliseconds;
  held_until_ms: Milliseconds;
  looked_ms: Milliseconds;
  created_by: string;
  created_at: GeneratedAlways<Date>;
};

type Alerts = {
  id: string;
  project_id: string;
  monitor: string;
  group_name: string | null;
  kind: Alert['kind'];
  sentence: string;
  value: number | null;
  expected: ColumnType<Alert['expected'], string | null, never>;
  q: string;
  opened_at: ColumnType<Date, string, never>;
  closed_at: NullableTime;
  untold: Alert['untold'];
};

type Channels = {
  project_id: string;
  name: string;
  kind: ChannelKind;
  host: string;
  sealed: Buffer;
  created_by: string;
  created_at: GeneratedAlways<Date>;
};

type AlertMessages = {
  id: string;
  project_id: string;
  alert_id: string;
  channel: string;
  event: Delivery['event'];
  status: ColumnType<Delivery['status'], never, Delivery['status']>;
  attempts: ColumnType<number, never, number>;
  error: ColumnType<string | null, never, string | null>;
  batch: ColumnType<string | null, never, string>;
  due_ms: Milliseconds;
  created_at: GeneratedAlways<Date>;
  ended_at: ColumnType<Date | null, never, Date>;
};

/** What watches traces, and who is told. */
export type MonitorTables = {
  monitors: Monitors;
  alerts: Alerts;
  channels: Channels;
  alert_messages: AlertMessages;
};
