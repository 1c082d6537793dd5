/** One thing that was looked at. `warn` is worth knowing and stops nothing; `bad` is wrong. */
export type Check = {
  /** Stable, for scripts: `server`, `stores`, `key`, `gateway`, … */
  name: string;
  state: 'good' | 'warn' | 'bad';
  /** What was found, in one sentence. */
  text: string;
  /** What to do about it; null when there is nothing to do. */
  todo: string | null;
};

export const good = (name: string, text: string): Check => ({ name, state: 'good', text, todo: null });
export const warn = (name: string, text: string, todo: string | null): Check => ({ name, state: 'warn', text, todo });
export const bad = (name: string, text: string, todo: string | null): Check => ({ name, state: 'bad', text, todo });
