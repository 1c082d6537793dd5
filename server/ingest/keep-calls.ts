import type { Breathe, PriceReader, Recording } from '@wheelhouse/core/ports';
import type { ProjectId, Span } from '@wheelhouse/core/records';
import { priceSpan } from '@wheelhouse/core/trace';
import type { LedgerEvent } from './ledger.ts';
import { createRecorder } from './recorder.ts';
import { redactSpan } from './redact.ts';
import { createBuffer, defaultLimits, type SinkLimits } from './sink-limits.ts';
import type { Spill } from './spill.ts';
import { sentence, type Write } from './store-spans.ts';

export type KeepCallsDeps = {
  /** The span of a call. */
  read(recording: Recording): Span;
  prices: PriceReader;
  write: Write;
  /** Where calls wait while the store is away; closed with this. */
  spill: Spill;
  newToken(): string;
  /** Hears what became of the calls of each chunk before it hears that the chunk is settled. */
  tell(event: LedgerEvent): void;
  settled(chunk: number): void;
  log: { error(details: object, message: string): void; warn(details: object, message: string): void };
  limits?: Partial<SinkLimits>;
  breathe?: Breathe;
};

type Failure = { project: ProjectId; error: unknown };

/** What a recorded call takes besides its texts. */
const boxes = 2_000;

const bytesOf = ({ facts, request, answer }: Recording) => facts.length + 2 * request.length + answer.length + boxes;

/**
 * Keeps the calls that the gateway handed over: reads, prices and redacts them, and commits them in groups, to the store
 * or, while that is away or behind, to disk.
 */
export function createKeepCalls(deps: KeepCallsDeps) {
  const limits = { ...defaultLimits, ...deps.limits };
  const { prices, tell } = deps;
  const buffer = createBuffer(limits);
  const prepare = (span: Span) => redactSpan(priceSpan(span, prices));
  let left = false;
  let gathered: Recording[] = [];

  const recorder = createRecorder({
    behind: () => left || buffer.behind(),
    write: deps.write,
    prepare,
    spill: deps.spill,
    newToken: deps.newToken,
    ledger: { add: tell },
    log: deps.log,
    limits,
    breathe: deps.breathe ?? (() => null),
  });

  /** One that cannot be read must not keep the others from the store. */
  function readEach(recordings: Recording[], failed: (failure: Failure) => void): Span[] {
    return recordings.flatMap((recording) => {
      try {
        return deps.read(recording);
      } catch (error) {
        failed({ project: recording.project, error });
        return [];
      }
    });
  }

  function tellUnreadable({ project, error }: Failure): void {
    const why = { reason: 'unreadable', sample: sentence(error) };
    tell({ type: 'rejected', project, source: 'gateway', spans: 1, from: 'memory', ...why });
    deps.log.error({ err: error }, 'a call cannot be read');
  }

  return {
    call: (recording: Recording) => void gathered.push(recording),
    /** These were the calls of this chunk. */
    chunk(number: number): void {
      const calls = gathered;
      gathered = [];
      const failures: Failure[] = [];
      const entry = {
        count: calls.length,
        bytes: calls.reduce((sum, one) => sum + bytesOf(one), 0),
        read: () => readEach(calls, (failure) => void failures.push(failure)),
        settle() {
          buffer.leave(entry);
          // With the rest of the chunk, so that none is counted by two processes.
          for (const failure of failures) tellUnreadable(failure);
          deps.settled(number);
        },
      };
      buffer.enter(entry);
      recorder.push(entry);
    },
    /** Resolves when everything is stored or on disk. */
    close: () => recorder.close(),
    /** Nobody is there any more: everything goes to disk, for who comes next. Resolves when it is there. */
    leave(): Promise<void> {
      left = true;
      return recorder.close();
    },
  };
}
