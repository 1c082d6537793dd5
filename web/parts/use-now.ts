import { useEffect, useState } from 'react';

const tickMs = 250;

/** Nanoseconds since 1970, moving only while something that is shown is still running. */
export function useNow(running: boolean): bigint {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, [running]);
  return BigInt(now) * 1_000_000n;
}
