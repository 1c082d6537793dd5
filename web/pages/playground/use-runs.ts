import { useCallback, useEffect, useRef, useState } from 'react';
import type { Tokens, ToolCall } from '../../data/chat.ts';

type Answer = {
  text: string;
  toolCalls: ToolCall[];
  tokens: Tokens | null;
  traceId: string | null;
  /** From the request to its last byte. */
  ms: number | null;
};
export type Cell =
  | (Answer & { status: 'running' | 'done' | 'stopped' })
  | (Answer & { status: 'failed'; error: Error });

export type Ask = (tools: {
  signal: AbortSignal;
  onText: (text: string) => void;
}) => Promise<Omit<Answer, 'text' | 'ms'>>;
export type Task = { key: string; ask: Ask };

/** Browsers open six connections to a host, and one of them is the live stream's. */
const atOnce = 4;
const nothing: Answer = { text: '', toolCalls: [], tokens: null, traceId: null, ms: null };

/** Answers by cell, as they come. Whoever leaves the page stops what runs. */
export function useRuns() {
  const [cells, setCells] = useState<ReadonlyMap<string, Cell>>(new Map());
  const stopper = useRef<AbortController | null>(null);
  const [running, setRunning] = useState(false);
  const put = useCallback((key: string, cell: Cell) => setCells((before) => new Map(before).set(key, cell)), []);
  const stop = useCallback(() => stopper.current?.abort(), []);
  useEffect(() => stop, [stop]);

  const runOne = useCallback(
    async ({ key, ask }: Task, signal: AbortSignal) => {
      const started = performance.now();
      let text = '';
      let frame = 0;
      const running = () => put(key, { ...nothing, status: 'running', text });
      running();
      // Text may come faster than a screen can show it.
      const onText = (next: string) => {
        text = next;
        frame ||= requestAnimationFrame(() => {
          frame = 0;
          running();
        });
      };
      const taken = () => ({ text, ms: performance.now() - started });
      try {
        const answer = await ask({ signal, onText });
        cancelAnimationFrame(frame);
        put(key, { ...answer, ...taken(), status: 'done' });
      } catch (error) {
        cancelAnimationFrame(frame);
        if (signal.aborted) put(key, { ...nothing, ...taken(), status: 'stopped' });
        else
          put(key, {
            ...nothing,
            ...taken(),
            status: 'failed',
            error: error instanceof Error ? error : new Error(String(error)),
          });
      }
    },
    [put],
  );

  const run = useCallback(
    async (tasks: Task[]) => {
      stopper.current?.abort();
      const controller = new AbortController();
      stopper.current = controller;
      setRunning(true);
      const waiting = [...tasks];
      const lane = async () => {
        for (let task = waiting.shift(); task && !controller.signal.aborted; task = waiting.shift())
          await runOne(task, controller.signal);
      };
      await Promise.all(Array.from({ length: atOnce }, lane));
      if (stopper.current === controller) setRunning(false);
    },
    [runOne],
  );
  return { cells, running, run, stop, forget: useCallback(() => setCells(new Map()), []) };
}
