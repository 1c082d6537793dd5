import type { LiveFeed } from '@wheelhouse/core/ports';
import type { LiveEvent } from '@wheelhouse/core/records';

/** What changes, within this process. A listener that fails disturbs neither the others nor who publishes. */
export function createLiveFeed(log: { error(details: object, message: string): void }): LiveFeed {
  // In boxes, so that a function that subscribes twice is told twice and leaves once.
  const listeners = new Set<{ hear(event: LiveEvent): void }>();
  return {
    publish(event) {
      for (const listener of [...listeners]) {
        try {
          listener.hear(event);
        } catch (err) {
          log.error({ err }, 'a live listener failed');
        }
      }
    },
    subscribe(hear) {
      const listener = { hear };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
