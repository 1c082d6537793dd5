import { Session } from 'chdb';

/** One connection to the engine, which runs one query at a time, and its current database. */
export type Slot = { session: Session; database: string };

/** Bound at connect, so that 64-bit integers survive JSON in every answer. */
export const baseSettings: Readonly<Record<string, string>> = { output_format_json_quote_64bit_integers: '1' };

export type SessionPool = {
  /** Runs `work` on the next free session, in order of arrival. */
  use<T>(work: (slot: Slot) => Promise<T>): Promise<T>;
  /** Waits for what runs, then closes. */
  close(): Promise<void>;
};

/** Several sessions on one directory, so that a slow query does not hold up the others. */
export function openSessionPool(path: string, size: number): SessionPool {
  const connectionArgs = Object.entries(baseSettings).map(([name, value]) => `--${name}=${value}`);
  const slots: Slot[] = Array.from({ length: size }, () => ({
    session: new Session(path, { connectionArgs }),
    database: 'default',
  }));
  const free = [...slots];
  const waiting: ((slot: Slot) => void)[] = [];
  const running = new Set<Promise<unknown>>();

  async function run<T>(work: (slot: Slot) => Promise<T>): Promise<T> {
    const slot = free.pop() ?? (await new Promise<Slot>((resolve) => waiting.push(resolve)));
    try {
      return await work(slot);
    } finally {
      const heir = waiting.shift();
      if (heir) heir(slot);
      else free.push(slot);
    }
  }

  return {
    use: (work) => {
      const result = run(work);
      running.add(result);
      const forget = () => void running.delete(result);
      result.then(forget, forget);
      return result;
    },
    close: async () => {
      while (running.size > 0) await Promise.allSettled(running);
      for (const { session } of slots) session.close();
    },
  };
}
