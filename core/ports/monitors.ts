import type {
  Actor,
  Alert,
  Channel,
  Delivery,
  DeliveryEvent,
  Monitor,
  MonitorDefinition,
  MonitorLook,
  ProjectId,
} from '../records/index.ts';
import type { CancelSignal } from './world.ts';

/** A monitor that is due, held by the caller until it says what it found, or until `heldUntilMs`. */
export type DueMonitor = { project: ProjectId; monitor: Monitor; heldUntilMs: number };

/** What a look led to. Everything of it is written at once, or nothing. */
export type LookResult = {
  look: MonitorLook;
  /** When it was looked at, and when it is due again. */
  lookedMs: number;
  dueMs: number;
  /** Alerts that open now, and the messages that say so; none where nobody is told. */
  opened: { alert: Omit<Alert, 'closedAt' | 'monitor'>; messages: { id: string; channel: string }[] }[];
  /** Alerts that end now: whoever was told that one opened is told of its end. */
  closed: { alertId: string; at: string }[];
  /** The alert that is open from now on; of several groups, the one that opened first. null: none is. */
  alertId: string | null;
  /** When messages go; those that wait then go together. */
  messagesDueMs: number;
};

/** Monitors and their alerts. Times in milliseconds are whole. A change of people takes its actor and is written with its audit entry. */
export type MonitorStore = {
  /**
   * Replaces one of that name, which then begins anew: an open alert ends, and whoever was told of it is told.
   * @throws WheelhouseError `invalid_request` when a channel is not known
   */
  set(by: Actor, monitor: { id: string; name: string; definition: MonitorDefinition; nowMs: number }): Promise<Monitor>;
  get(project: ProjectId, name: string): Promise<Monitor | null>;
  /** By name. */
  list(project: ProjectId): Promise<Monitor[]>;
  /** Whether it was there. Its alerts stay, and an open one ends. */
  remove(by: Actor, name: string, nowMs: number): Promise<boolean>;
  /** null: there is none. */
  silence(by: Actor, name: string, until: string | null): Promise<Monitor | null>;
  /**
   * Those that are due, of all projects, the longest waiting first; nobody else gets them until `holdMs` are over. One that
   * was looked at in what is the future by `nowMs`, since a clock was set back, is due at once.
   */
  claim(nowMs: number, options: { holdMs: number; limit: number }): Promise<DueMonitor[]>;
  /** false, and nothing is written, when the monitor was changed, removed, or given to somebody else meanwhile. */
  record(due: DueMonitor, result: LookResult): Promise<boolean>;
  /** Newest first, below `before` (an id) when given. */
  alerts(
    project: ProjectId,
    page: { limit: number; before?: string; monitor?: string; open?: boolean },
  ): Promise<Alert[]>;
  alert(project: ProjectId, id: string): Promise<{ alert: Alert; messages: Delivery[] } | null>;
};

export type SealedChannel = Channel & { sealed: Uint8Array };
export type ChannelState = Channel & { waiting: number; failed: number; lastError: string | null };

/** Messages that one channel is to be told at once, under an id that stays the same through attempts. */
export type HeldMessages = {
  project: ProjectId;
  /** null: it was removed. */
  channel: SealedChannel | null;
  batch: string;
  /** Counts from 1. */
  attempt: number;
  messages: { id: string; event: DeliveryEvent; alert: Alert }[];
};

/** Where messages go, and those that have not arrived yet. */
export type ChannelStore = {
  set(by: Actor, channel: Pick<SealedChannel, 'name' | 'kind' | 'host' | 'sealed'>): Promise<ChannelState>;
  get(project: ProjectId, name: string): Promise<SealedChannel | null>;
  /** By name. */
  list(project: ProjectId): Promise<ChannelState[]>;
  /** Whether it was there. @throws WheelhouseError `conflict` while monitors tell it */
  remove(by: Actor, name: string): Promise<boolean>;
  /**
   * Those of one channel that are due, the longest waiting first; nobody else gets them until `holdMs` are over. None waits
   * longer than an hour for its next attempt: one that is due later was put off by a clock that was wrong, and is due.
   */
  claim(nowMs: number, options: { holdMs: number; limit: number }): Promise<HeldMessages | null>;
  /** They have arrived; `error`: with what part of them did not, such as one of several people. */
  delivered(batch: string, result: { error: string | null; nowMs: number }): Promise<void>;
  /** They have not; `dueMs` null: they are given up. */
  failed(batch: string, result: { error: string; dueMs: number | null; nowMs: number }): Promise<void>;
};

export type Email = {
  to: string[];
  subject: string;
  text: string;
  html: string;
  /** In angle brackets; the same one is the same message. */
  messageId: string;
  /** Ids in angle brackets, with spaces between: what is of one thread. */
  references: string;
  atMs: number;
};

/** Hands messages to the operator's mail server. */
export type Mailer = {
  /** Of the address that messages come from. */
  domain: string;
  /** Who of them was refused, when not all were. @throws with the reason when nobody was taken, or too late */
  send(email: Email, options: { timeoutMs: number; signal: CancelSignal }): Promise<{ refused: string[] }>;
};
