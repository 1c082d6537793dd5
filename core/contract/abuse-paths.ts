/** Users who abuse models, and what is done about them. */
export const abusePaths = {
  getAbusePolicy: { method: 'GET', path: '/api/v1/abuse/policy' },
  setAbusePolicy: { method: 'PUT', path: '/api/v1/abuse/policy' },
  tryAbusePolicy: { method: 'POST', path: '/api/v1/abuse/try' },
  listAbuseUsers: { method: 'GET', path: '/api/v1/abuse/users' },
  getAbuseUser: { method: 'GET', path: '/api/v1/abuse/users/{user}' },
  actOnAbuseUser: { method: 'POST', path: '/api/v1/abuse/users/{user}/actions' },
  passAbuseChallenge: { method: 'POST', path: '/api/v1/abuse/users/{user}/passed' },
} as const;
export type AbuseRouteId = keyof typeof abusePaths;
