import type { LiveFeed } from '@wheelhouse/core/ports';
import type { LiveEvent } from '@wheelhouse/core/records';

/** Tells everyone in this process what changed; a listener that throws harms no other. */
export function createLiveFeed(log: { error(details: object, message: string): void }): LiveFeed {
  const listeners = new Set<(event: LiveEvent) => void>();
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (err) {
          log.error({ err }, 'a live listener failed');
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
