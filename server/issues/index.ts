export { createIssueHandlers } from './issue-handlers.ts';
export { lookAtIssues } from './look-at-issues.ts';
