import type { CommentId } from './ids.ts';
import type { LineageRef } from './lineage.ts';

/** What people may write on. */
export const commentedKinds = ['trace', 'span', 'example', 'version'] as const;

/** What somebody wrote on a thing, as plain text. */
export type Comment = {
  id: CommentId;
  on: LineageRef;
  text: string;
  /** Whom it calls, as `@name` or `@name@example.com` in its text, without the first `@`, in lower case. */
  mentions: string[];
  author: string;
  createdAt: string;
  /** null: it is as it was written first. */
  changedAt: string | null;
};

const mention = /(?<![\w@.])@([a-z0-9][\w.+-]*(?:@[a-z0-9][a-z0-9.-]*[a-z0-9])?)/gi;

/** Whom a text calls, each once, in the order of the text. A full stop behind a name ends the sentence. */
export const mentionsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(mention)].map(([, name = '']) => name.replace(/[.+-]+$/, '').toLowerCase())),
];
