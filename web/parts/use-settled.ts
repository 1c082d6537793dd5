import { useEffect, useState } from 'react';

const settleMs = 400;

/** The value once it has stayed the same for a moment, so that not every keystroke is a request. Told apart by content. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  const shape = JSON.stringify(value);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the content is what changes.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settleMs);
    return () => clearTimeout(timer);
  }, [shape]);
  return settled;
}
