import type { CompileEvent, Optimized } from '@wheelhouse/sdk/program';

/** As JSON: amounts of nano-dollars are decimal texts. */
export const asJson = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));

/** What of a result is for others. */
export const resultOf = ({ report, candidate, best, changes, madeFrom }: Optimized) => ({
  ...{ ...report, candidate, best: best.candidate, changes, madeFrom },
});

/** Lines of JSON as things come: what the compiler tells, a short `asked` a question, and a `report` at the end. */
export function createEvents(out: (text: string) => void) {
  return {
    see(event: CompileEvent): void {
      const { entry, ...rest } = event.type === 'asked' ? event : { ...event, entry: null };
      const { kind, key } = entry ?? {};
      const said = entry?.kind === 'run' ? { score: entry.score, failure: entry.failure } : { error: entry?.error };
      out(`${asJson(entry === null ? rest : { ...rest, kind, key, ...said })}\n`);
    },
    end: (result: object): void => out(`${asJson({ type: 'report', ...result })}\n`),
  };
}
