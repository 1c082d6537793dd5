import { useEffect, useState } from 'react';
import { type PlaygroundState, writeLink } from '../../data/playground-link.ts';
import { useCopyLink } from '../../parts/copy-link.tsx';

/** Keeps the address at what is shown, so that it can be sent to others and come back to. */
export function useLink(state: PlaygroundState) {
  const copy = useCopyLink();
  const [tooLong, setTooLong] = useState(false);
  const text = JSON.stringify(state);
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(async () => {
      const hash = await writeLink(JSON.parse(text) as PlaygroundState);
      if (gone) return;
      setTooLong(hash === null);
      const { pathname, search } = location;
      history.replaceState(history.state, '', `${pathname}${search}${hash === null ? '' : `#${hash}`}`);
    }, 300);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [text]);
  return { tooLong, copy: () => copy() };
}
