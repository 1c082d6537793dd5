import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { Clock, DeadLetterBounds, DeadLetterFilter, DeadLetterStore, Random } from '@wheelhouse/core/ports';
import {
  type Actor,
  type DeadLetter,
  idRandomBytes,
  type Letter,
  nanosToMs,
  newId,
  type ProjectId,
  preview,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { redactText } from './redact.ts';
import { redactLetter } from './redact-letter.ts';

/** Spans that a door refused, and why. */
export type RejectedItem = {
  project: ProjectId;
  /** The door: `otlp`, `langfuse` …; one of few. */
  source: string;
  /** One of few, such as an error code or `id of wrong length`. */
  reason: string;
  /** One sentence about this case. */
  sample: string;
  /** 1 unless said otherwise. */
  spans?: number;
  /** What was refused, as a request that the same door can read again, once it is repaired. Left out: nothing is kept. */
  letter?: Letter;
};

type Refusal = { reason: string; sample: string };
type Answer = { status: number; text: string };

export type DeadLetterDeps = {
  store: DeadLetterStore;
  clock: Clock;
  random: Random;
  /** Sends the letter to its door, with these headers beside. */
  send(letter: Letter, headers: Record<string, string>): Promise<Answer>;
  log: { warn(details: object, message: string): void };
  limits?: Partial<LetterLimits>;
};

export type LetterLimits = {
  /** What is kept in the store. */
  bounds: DeadLetterBounds;
  /** Larger bodies are not kept. */
  letterBytes: number;
  /** What may wait for the store, and of it for one reason: a flood of one kind leaves room for the others. */
  waitingLetters: number;
  waitingPerReason: number;
  waitingBytes: number;
};

const defaults: LetterLimits = {
  bounds: { letters: 1_000, bytes: 64 * 1024 * 1024, days: 14 },
  letterBytes: 1024 * 1024,
  waitingLetters: 200,
  waitingPerReason: 20,
  waitingBytes: 8 * 1024 * 1024,
};

const replayHeader = 'x-wheelhouse-replay';
const pageSize = 50;
const sampleLength = 200;

export type DeadLetters = {
  /** Keeps what a door refused; forgets it when there is too much. Never waits. */
  keep(item: RejectedItem): void;
  /** Writes what was kept; what the store does not take now stays for the next time. */
  flush(): Promise<void>;
  /** Letters of a project that were not kept since the start. */
  dropped(project: ProjectId): number;
  /** A door that knows a letter when it comes again: refused again it stays the same letter. */
  door<Args extends [IncomingMessage, ...unknown[]], R, Door extends { handle(...args: Args): R }>(door: Door): Door;
  /** Sends the letters that fit through their doors again; those that are taken are no dead letters any more. */
  replay(by: Actor, filter: DeadLetterFilter): Promise<{ replayed: number; refused: ({ id: string } & Refusal)[] }>;
};

/** Without U+0000, which Postgres does not take. */
const shorten = (sample: string) => preview(redactText(sample.replaceAll('\u0000', '')), sampleLength);

/** The sentence in an answer of any door, else the start of its text. */
function sentenceIn({ status, text }: Answer): string {
  const found = /"message"\s*:\s*"((?:[^"\\]|\\.){1,400})"/.exec(text)?.[1];
  return shorten(found ?? `The door answered ${status}: ${text}`);
}

/** What doors refused and could not be read: kept without secrets, within bounds, until somebody repairs and replays it. */
export function createDeadLetters(deps: DeadLetterDeps): DeadLetters {
  const limits = { ...defaults, ...deps.limits };
  const replaying = new AsyncLocalStorage<Refusal[]>();
  const running = new Map<string, Refusal[]>();
  let waiting: { project: ProjectId; letter: DeadLetter & Letter }[] = [];
  let waitingBytes = 0;
  const dropped = new Map<ProjectId, number>();
  let writing: Promise<void> = Promise.resolve();

  const hasRoom = ({ source, reason }: RejectedItem, bytes: number) =>
    bytes <= limits.letterBytes &&
    waiting.length < limits.waitingLetters &&
    waitingBytes + bytes <= limits.waitingBytes &&
    waiting.filter(({ letter }) => letter.source === source && letter.reason === reason).length <
      limits.waitingPerReason;

  const drop = (project: ProjectId, letters: number) => dropped.set(project, (dropped.get(project) ?? 0) + letters);

  async function write(): Promise<void> {
    for (const project of new Set(waiting.map((entry) => entry.project))) {
      const entries = waiting.filter((entry) => entry.project === project);
      const letters = entries.map(({ letter }) => letter);
      try {
        await deps.store.keep(project, letters, limits.bounds);
      } catch (err) {
        if (err instanceof WheelhouseError && err.code === 'store_unavailable') return;
        deps.log.warn({ err, letters: letters.length }, 'dead letters could not be kept');
        drop(project, letters.length);
      }
      const written = new Set(entries);
      waiting = waiting.filter((entry) => !written.has(entry));
      waitingBytes = waiting.reduce((sum, { letter }) => sum + letter.bytes, 0);
    }
  }

  async function sendAgain(by: Actor, id: string): Promise<Refusal | 'taken' | 'gone'> {
    const letter = await deps.store.get(by.project, id);
    if (letter === null) return 'gone';
    const token = Buffer.from(deps.random.bytes(16)).toString('hex');
    const refusals: Refusal[] = [];
    running.set(token, refusals);
    const answer = await deps
      .send(letter, { [replayHeader]: token, 'x-wheelhouse-project': by.project })
      .finally(() => running.delete(token));
    if (answer.status === 503 || answer.status === 429)
      throw new WheelhouseError('store_unavailable', 'The spans of dead letters cannot be stored now.');
    const [first] = refusals;
    const taken = answer.status >= 200 && answer.status < 300;
    if (taken && first === undefined) return (await deps.store.remove(by, id, 'dead_letter.replay')) ? 'taken' : 'gone';
    const why = first ?? { reason: `status ${answer.status}`, sample: sentenceIn(answer) };
    await deps.store.refusedAgain(by.project, id, why);
    return why;
  }

  return {
    keep(item) {
      const { project, source, reason, sample, letter } = item;
      const again = replaying.getStore();
      if (again) {
        again.push({ reason, sample: shorten(sample) });
        return;
      }
      if (letter === undefined) return;
      if (!hasRoom(item, letter.body.length)) {
        drop(project, 1);
        return;
      }
      const body = redactLetter(letter);
      const nowMs = nanosToMs(deps.clock.now());
      waitingBytes += body.length;
      waiting.push({
        project,
        letter: {
          id: newId('dl', nowMs, deps.random.bytes(idRandomBytes)),
          source,
          reason,
          sample: shorten(sample),
          path: letter.path,
          contentType: letter.contentType,
          body,
          bytes: body.length,
          receivedAt: new Date(nowMs).toISOString(),
          replays: 0,
        },
      });
    },
    flush() {
      writing = writing.then(write);
      return writing;
    },
    dropped: (project) => dropped.get(project) ?? 0,
    door: (door) => ({
      ...door,
      handle(...args: Parameters<typeof door.handle>) {
        const token = args[0].headers[replayHeader];
        const refusals = typeof token === 'string' ? running.get(token) : undefined;
        return refusals ? replaying.run(refusals, () => door.handle(...args)) : door.handle(...args);
      },
    }),
    async replay(by, filter) {
      const result: Awaited<ReturnType<DeadLetters['replay']>> = { replayed: 0, refused: [] };
      for (let before: string | undefined; ; ) {
        const page = await deps.store.list(by.project, {
          ...filter,
          limit: pageSize,
          ...(before === undefined ? {} : { before }),
        });
        for (const { id } of page) {
          const outcome = await sendAgain(by, id);
          if (outcome === 'taken') result.replayed++;
          else if (outcome !== 'gone') result.refused.push({ id, ...outcome });
        }
        before = page.at(-1)?.id;
        if (page.length < pageSize || before === undefined) return result;
      }
    },
  };
}
