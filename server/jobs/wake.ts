export type Wake = {
  /** Ends the present wait, or the next one when nobody waits now. */
  wake(): void;
  /** @param ms null: until it is woken */
  wait(ms: number | null): Promise<void>;
};

/** A pause that can be cut short. */
export function createWake(): Wake {
  let woken = false;
  let endWait: (() => void) | null = null;
  return {
    wake() {
      woken = true;
      endWait?.();
    },
    async wait(ms) {
      if (!woken)
        await new Promise<void>((resolve) => {
          const timer = ms === null ? undefined : setTimeout(resolve, ms);
          endWait = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      woken = false;
      endWait = null;
    },
  };
}
