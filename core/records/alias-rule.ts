import type { Role } from './actor.ts';
import type { AliasRequestId } from './ids.ts';

/** Who may move an alias of that name, of every model of the project. An alias without a rule may be moved by any editor. */
export type AliasRule = {
  alias: string;
  /** Whoever is less asks for the move instead, and somebody of this role decides. */
  role: Role;
  /** Nobody moves it alone: each move is asked for, and decided by somebody else. */
  review: boolean;
  /** What must hold of a version against the one that the alias is at, in their newest evaluation; as people write gates. */
  gates: string[];
  changedBy: string;
  changedAt: string;
};

export const aliasRequestStatuses = ['open', 'approved', 'rejected', 'withdrawn'] as const;
export type AliasRequestStatus = (typeof aliasRequestStatuses)[number];

/** Somebody asks for an alias to be moved. */
export type AliasRequest = {
  id: AliasRequestId;
  model: string;
  alias: string;
  /** Where the alias was when it was asked for; null: it was not there. */
  from: number | null;
  to: number;
  message: string;
  status: AliasRequestStatus;
  askedBy: string;
  askedAt: string;
  decidedBy: string | null;
  decidedAt: string | null;
  /** What whoever decided said. */
  comment: string;
};
