import type { CommentStore } from '@wheelhouse/core/ports';
import { type Comment, type CommentId, contentHash, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';
import { pageOf } from './page-of.ts';

const said = (text: string) => ({ hash: contentHash(text) });

/** In memory; give it the audit store that the test reads. */
export function fakeCommentStore(audit: FakeAuditStore = fakeAuditStore()): CommentStore {
  const comments: (Comment & { project: ProjectId })[] = [];
  const find = (project: ProjectId, id: CommentId) =>
    comments.find((comment) => comment.project === project && comment.id === id);
  const toComment = ({ project: _, ...comment }: (typeof comments)[number]): Comment => structuredClone(comment);
  return {
    async write(by, { id, on, text, mentions }) {
      const createdAt = audit.now();
      const comment = { project: by.project, id, on, text, mentions, author: by.actor, createdAt, changedAt: null };
      comments.push(comment);
      audit.record(by, { action: 'comment.write', subject: on, detail: { id, before: null, after: said(text) } });
      return toComment(comment);
    },
    async change(by, id, { text, mentions }) {
      const comment = find(by.project, id);
      if (!comment) throw new WheelhouseError('not_found', `There is no comment \`${id}\`.`);
      if (comment.text === text) return toComment(comment);
      const detail = { id, before: said(comment.text), after: said(text) };
      Object.assign(comment, { text, mentions, changedAt: audit.now() });
      audit.record(by, { action: 'comment.change', subject: comment.on, detail });
      return toComment(comment);
    },
    async remove(by, id) {
      const comment = find(by.project, id);
      if (!comment) return false;
      comments.splice(comments.indexOf(comment), 1);
      const before = { ...said(comment.text), author: comment.author };
      audit.record(by, { action: 'comment.remove', subject: comment.on, detail: { id, before, after: null } });
      return true;
    },
    async eraseOn(project, traces) {
      const isGone = ({ on }: Comment) => traces.some((id) => on === `trace:${id}` || on.startsWith(`span:${id}/`));
      const kept = comments.filter((comment) => comment.project !== project || !isGone(comment));
      comments.splice(0, comments.length, ...kept);
    },
    async get(project, id) {
      const comment = find(project, id);
      return comment ? toComment(comment) : null;
    },
    async list(project, { on, mentioning, ...page }) {
      const mine = comments.filter((comment) => comment.project === project).map(toComment);
      const fits = (comment: Comment) =>
        (on === undefined || comment.on === on) &&
        (mentioning === undefined || mentioning.some((name) => comment.mentions.includes(name)));
      return pageOf(mine.reverse(), fits, page);
    },
  };
}
