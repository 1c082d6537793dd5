export { createIssueHandlers } from './issue-handlers.ts';
export { lookAtIssues, lookAtIssuesEveryMs } from './look-at-issues.ts';
