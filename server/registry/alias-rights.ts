import { type AliasRequest, type AliasRule, atLeast, type Caller, WheelhouseError } from '@wheelhouse/core/records';

type Asker = Pick<Caller, 'actor' | 'role'>;
/** An alias without a rule. */
const unprotected = { role: 'editor', review: false } as const;

/**
 * Whether somebody may move an alias by themselves.
 * @throws WheelhouseError `alias_protected` that says how to ask
 */
export function checkMove(rule: AliasRule | null, by: Asker, { name, alias }: { name: string; alias: string }): void {
  const { role, review } = rule ?? unprotected;
  if (!review && atLeast(by.role, role)) return;
  const why = review ? 'each move of it is reviewed' : `the ${role}s of this project move it`;
  throw new WheelhouseError('alias_protected', `\`${alias}\` is protected: ${why}.`, {
    hint: `Ask for the move: POST /api/v1/models/${name}/aliases/${alias}/requests with the version and why.`,
  });
}

/**
 * Taking an alias back or away is never late: whoever decides about moves does it without a review.
 * @throws WheelhouseError `alias_protected`
 */
export function checkWithdrawal(rule: AliasRule | null, by: Asker, alias: string): void {
  const { role } = rule ?? unprotected;
  if (atLeast(by.role, role)) return;
  throw new WheelhouseError(
    'alias_protected',
    `\`${alias}\` is protected: the ${role}s of this project take it back or away.`,
    {
      hint: `Ask one of the ${role}s of this project.`,
    },
  );
}

/** Whether somebody may approve or reject a request. */
export function mayDecide(rule: AliasRule | null, by: Asker, { askedBy }: Pick<AliasRequest, 'askedBy'>): boolean {
  const { role, review } = rule ?? unprotected;
  return atLeast(by.role, role) && !(review && by.actor === askedBy);
}

/** @throws WheelhouseError `alias_protected` */
export function checkDecision(
  rule: AliasRule | null,
  by: Asker,
  { request, decision }: { request: AliasRequest; decision: 'approve' | 'reject' | 'withdraw' },
): void {
  if (decision === 'withdraw') {
    if (by.actor === request.askedBy) return;
    throw new WheelhouseError('forbidden', `Only ${request.askedBy} withdraws this request.`, {
      hint: 'Reject it instead, if you may.',
    });
  }
  if (mayDecide(rule, by, request)) return;
  const { role } = rule ?? unprotected;
  const own = atLeast(by.role, role);
  throw new WheelhouseError(
    'alias_protected',
    own
      ? `\`${request.alias}\` is reviewed by somebody else than who asks for the move.`
      : `Moves of \`${request.alias}\` are decided by the ${role}s of this project.`,
    { hint: own ? `Have another ${role} look at it.` : `Have one of the ${role}s look at it.` },
  );
}
