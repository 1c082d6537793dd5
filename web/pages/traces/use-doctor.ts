import type { Check } from '@wheelhouse/sdk/doctor';
import { useCallback, useEffect, useRef, useState } from 'react';

/** How long one waits for a first trace before asking what keeps it. */
const patienceMs = 20_000;

export type Diagnosis = { state: 'waiting' | 'asking' | 'done'; checks: Check[] };

/** The doctor's checks of this page's server, without its call: that would be the trace one waits for. */
async function* examine(): AsyncGenerator<Check> {
  const { examineServer } = await import('@wheelhouse/sdk/doctor');
  yield* examineServer({
    baseUrl: '',
    apiKey: null,
    version: null,
    call: false,
    fetch: (input, init) => fetch(input, init),
    nowMs: () => performance.now(),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
}

/** Asks the doctor when nothing has come for a while, and again whenever the reader wants. */
export function useDoctor(): Diagnosis & { ask: () => void } {
  const [diagnosis, setDiagnosis] = useState<Diagnosis>({ state: 'waiting', checks: [] });
  const round = useRef(0);
  const ask = useCallback(async () => {
    round.current += 1;
    const mine = round.current;
    const checks: Check[] = [];
    setDiagnosis({ state: 'asking', checks });
    for await (const check of examine()) {
      if (round.current !== mine) return;
      checks.push(check);
      setDiagnosis({ state: 'asking', checks: [...checks] });
    }
    setDiagnosis({ state: 'done', checks });
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => void ask(), patienceMs);
    return () => {
      clearTimeout(timer);
      round.current += 1;
    };
  }, [ask]);
  return { ...diagnosis, ask: () => void ask() };
}
