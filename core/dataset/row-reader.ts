import type { Json } from '../records/index.ts';

/** A row as its file has it; `at` is its line, or in a JSON list its number, from 1. */
export type ReadRow = { at: number; record: Json } | { at: number; error: string };

/**
 * Reads rows out of text that comes in pieces. What is longer than a row may be is passed over, so that a file is read in
 * bounded memory whatever is in it.
 */
export type RowReader = {
  push(text: string): void;
  /** There is no more. */
  end(): void;
  /** Rows that were found since the last time. */
  take(): ReadRow[];
};

/** Characters that a row may have. */
export const longestRow = 8 << 20;

export const tooLong = (characters: number): string =>
  `It is longer than ${characters.toLocaleString('en-US')} characters, which is more than a row may be.`;

export const notJson = (cause: unknown): string =>
  `It is not JSON: ${cause instanceof Error ? cause.message.slice(0, 200) : 'unreadable'}`;

/** What stands where bytes were that are no text in the encoding of the file. */
export const badBytes = '\uFFFD';
