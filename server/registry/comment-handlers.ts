import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, CommentStore, LineageStore, Random } from '@wheelhouse/core/ports';
import {
  type Actor,
  atLeast,
  type CommentId,
  commentedKinds,
  idRandomBytes,
  type LineageRef,
  mentionsIn,
  nanosToMs,
  newId,
  parseLineageRef,
  parseSpanId,
  parseTraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { commentBody } from './bodies.ts';

export type CommentDeps = {
  comments: CommentStore;
  lineage: Pick<LineageStore, 'known'>;
  clock: Clock;
  random: Random;
};

/** Whether it is the id of a trace, or of a span in one. */
function isTelemetry(ref: string): boolean {
  const [trace = '', span] = ref.slice(ref.indexOf(':') + 1).split('/');
  const isSpan = ref.startsWith('span:');
  return parseTraceId(trace) !== null && (isSpan ? parseSpanId(span ?? '') !== null : span === undefined);
}

/** Names that somebody goes by: the whole, or what stands before an @. */
const namesOf = (actor: string): string[] => {
  const whole = actor.toLowerCase();
  return [...new Set([whole, whole.split('@')[0] ?? whole])];
};

/** What people say of spans, examples and versions. */
export function createCommentHandlers(
  deps: CommentDeps,
): Handlers<'listComments' | 'createComment' | 'changeComment' | 'removeComment'> {
  const { comments } = deps;

  async function readSubject({ project }: Actor, on: string): Promise<LineageRef> {
    const kind = parseLineageRef(on)?.kind;
    const ref = on as LineageRef;
    if (kind === undefined || !commentedKinds.some((one) => one === kind))
      throw new WheelhouseError('invalid_request', `Nobody writes on \`${on}\`.`, {
        param: 'on',
        hint: `Name one of ${commentedKinds.join(', ')}, for example version:support-bot@2.`,
      });
    const isThere =
      kind === 'trace' || kind === 'span' ? isTelemetry(on) : (await deps.lineage.known(project, [ref])).has(ref);
    if (!isThere) throw new WheelhouseError('not_found', `There is no \`${on}\`.`, { param: 'on' });
    return ref;
  }

  async function mine({ project, actor }: Actor, id: string, may: boolean): Promise<CommentId> {
    const found = await comments.get(project, id as CommentId);
    if (!found) throw new WheelhouseError('not_found', `There is no comment \`${id}\`.`);
    if (found.author === actor || may) return found.id;
    throw new WheelhouseError('forbidden', `This is a comment of ${found.author}.`, {
      hint: 'Write one of your own; an admin of the project removes what must go.',
    });
  }

  return {
    async listComments({ by, query }) {
      const { limit, cursor, on, mentioning } = query;
      const named = mentioning === 'me' ? by.actor : mentioning;
      const { data, next } = await comments.list(by.project, {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(on === undefined ? {} : { on: on as LineageRef }),
        ...(named === undefined ? {} : { mentioning: namesOf(named) }),
      });
      return { data: data.map(commentBody), next };
    },
    async createComment({ by, body: { on, text } }) {
      const ref = await readSubject(by, on);
      const id = newId('cm', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
      return commentBody(await comments.write(by, { id, on: ref, text, mentions: mentionsIn(text) }));
    },
    async changeComment({ by, params, body: { text } }) {
      const id = await mine(by, params.commentId, false);
      return commentBody(await comments.change(by, id, { text, mentions: mentionsIn(text) }));
    },
    async removeComment({ by, params }) {
      const id = await mine(by, params.commentId, atLeast(by.role, 'admin'));
      return { removed: await comments.remove(by, id) };
    },
  };
}
