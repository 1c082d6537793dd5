import type {
  AbuseCall,
  AbuseDecision,
  AbuseEvent,
  AbusePlace,
  AbusePolicy,
  AbuseRates,
  AbuseUser,
  Actor,
  KeyId,
  ProjectId,
  WheelhouseError,
} from '../records/index.ts';

/** A project whose calls wait to be looked at, held by the caller until it says how far it came, or for a while. */
export type DueAbuse = {
  project: ProjectId;
  policy: AbusePolicy;
  place: AbusePlace;
  /** null: never learned. */
  rates: AbuseRates | null;
  heldUntilMs: number;
};

/** What one look led to. Everything of it is written at once, or nothing. */
export type AbuseLook = {
  place: AbusePlace;
  dueMs: number;
  /** Left out: as they were. */
  rates?: AbuseRates;
  /** For each user what follows from the state as it is then; null: it stays. */
  decide: ReadonlyMap<string, (was: AbuseUser | null) => AbuseDecision | null>;
};

export type AbuseFilter = {
  limit: number;
  cursor?: string | undefined;
  /** `acted`: throttled, challenged or blocked now; `listed`: any rung now; `allowed`: for good. */
  state?: 'acted' | 'listed' | 'allowed' | undefined;
  nowMs: number;
};

/** What the gateway carries out in a project. */
export type AbuseInForce = { project: ProjectId; policy: AbusePolicy; users: AbuseUser[] };

/** Who is at risk, and what is done about it. A change of people takes its actor and is written with its audit entry. */
export type AbuseStore = {
  /** null: nobody set one. */
  policy(project: ProjectId): Promise<{ policy: AbusePolicy; rates: AbuseRates | null } | null>;
  /** @param startMs where the first look begins, by the clock of telemetry, when it is switched on */
  setPolicy(by: Actor, policy: AbusePolicy, startMs: number): Promise<void>;
  /** Projects that are due and have it switched on. */
  claim(nowMs: number, options: { holdMs: number; limit: number }): Promise<DueAbuse[]>;
  /** What was begun; null, and nothing is written, when it was given to somebody else meanwhile. */
  record(due: DueAbuse, look: AbuseLook): Promise<AbuseDecision[] | null>;
  /** The last seen first. */
  list(project: ProjectId, filter: AbuseFilter): Promise<{ data: AbuseUser[]; next: string | null }>;
  /** Events are the newest 200, the newest first. */
  get(project: ProjectId, user: string): Promise<{ user: AbuseUser; events: AbuseEvent[] } | null>;
  /** @throws what `decide` throws, and nothing is written */
  change(by: Actor, user: string, decide: (was: AbuseUser | null) => AbuseDecision): Promise<AbuseUser>;
  /** Of all projects with such users: whoever is throttled, challenged or blocked at that time or later. */
  inForce(nowMs: number): Promise<AbuseInForce[]>;
};

/** Calls of users, as they are kept to be judged; they go with their traces. Times are those of the calls. */
export type AbuseTelemetry = {
  /** Writes them in place of those of the same user and trace. */
  put(project: ProjectId, calls: readonly AbuseCall[]): Promise<void>;
  /** The newest so many of each, the oldest first; users with fewer than `least` are left out. */
  ofUsers(
    project: ProjectId,
    users: readonly string[],
    ask: { sinceMs: number; limit: number; least: number },
  ): Promise<Map<string, AbuseCall[]>>;
  /** Some users with at least so many calls: those that speak of it most, or any. */
  users(
    project: ProjectId,
    ask: { sinceMs: number; least: number; limit: number; by: 'risk' | 'chance' },
  ): Promise<string[]>;
  /** The most that each user spent in a piece of time of this length. */
  peaks(
    project: ProjectId,
    ask: { sinceMs: number; slotMs: number; limit: number },
  ): Promise<{ nanoUsd: number[]; tokens: number[] }>;
  /** How many calls are kept. */
  count(project: ProjectId, sinceMs: number): Promise<{ calls: number; users: number }>;
};

export type GateAsk = {
  project: ProjectId;
  key: KeyId | null;
  /** The end user that the request names; null: none. */
  user: string | null;
};

/** Whether calls of an end user are taken now; answers from memory. */
export type UserGate = {
  /** null: the call goes on. `headers` go with the error. */
  refusal(ask: GateAsk): { error: WheelhouseError; headers: Record<string, string> } | null;
};
