import { useState } from 'react';
import type { PipelineDraft } from '../../../data/pipeline-draft.ts';

const mostKept = 200;

/** A draft with what it was before each change, so that a change can be taken back and made again. */
export function useDraft(first: PipelineDraft) {
  const [{ past, now, next }, set] = useState({
    ...{ past: [] as PipelineDraft[], now: first, next: [] as PipelineDraft[] },
  });
  const to = (draft: PipelineDraft) => set({ past: [...past.slice(-mostKept), now], now: draft, next: [] });
  const [last, later] = [past.at(-1), next.at(-1)];
  return {
    draft: now,
    set: to,
    undo: last && (() => set({ past: past.slice(0, -1), now: last, next: [...next, now] })),
    redo: later && (() => set({ past: [...past, now], now: later, next: next.slice(0, -1) })),
    isChanged: JSON.stringify(now) !== JSON.stringify(first),
  };
}
