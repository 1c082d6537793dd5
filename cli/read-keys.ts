import { listenForKeys } from './listen-for-keys.ts';

export type Keys = {
  /** One character, or a whole sequence of a special key; null: there are no more. */
  next(): Promise<string | null>;
  close(): void;
};

const splitKeys = (text: string): string[] => (text.startsWith('\u001b') ? [text] : [...text]);

/** What is pressed, or what comes on stdin where that is no keyboard. */
export function readKeys(): Keys {
  const waiting: string[] = [];
  let wake: (() => void) | null = null;
  let isOver = false;
  const hear = (text: string) => {
    waiting.push(...splitKeys(text));
    wake?.();
  };
  const end = () => {
    isOver = true;
    wake?.();
  };
  const { stdin } = process;
  const isTerminal = stdin.isTTY === true;
  if (!isTerminal) stdin.setEncoding('utf8').on('data', hear).on('end', end);
  const letGo = isTerminal ? listenForKeys(hear) : () => void stdin.off('data', hear).off('end', end).pause();
  return {
    async next() {
      while (waiting.length === 0 && !isOver)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return waiting.shift() ?? null;
    },
    close: letGo,
  };
}
