import type { Timer } from '@wheelhouse/core/ports';

export const nodeTimer: Timer = {
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
