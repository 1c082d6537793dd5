/** In which ways traces fail, and what people do about it. */
export const issuePaths = {
  listBadScores: { method: 'GET', path: '/api/v1/issue-scores' },
  setBadScore: { method: 'PUT', path: '/api/v1/issue-scores/{score}' },
  removeBadScore: { method: 'DELETE', path: '/api/v1/issue-scores/{score}' },
  listIssues: { method: 'GET', path: '/api/v1/issues' },
  getIssue: { method: 'GET', path: '/api/v1/issues/{issueId}' },
  changeIssue: { method: 'PUT', path: '/api/v1/issues/{issueId}' },
  listIssueTraces: { method: 'GET', path: '/api/v1/issues/{issueId}/traces' },
  mergeIssue: { method: 'POST', path: '/api/v1/issues/{issueId}/merge' },
  splitIssue: { method: 'POST', path: '/api/v1/issues/{issueId}/split' },
} as const;
export type IssueRouteId = keyof typeof issuePaths;
