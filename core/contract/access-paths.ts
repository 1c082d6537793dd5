/** Who asks, projects, people, teams and keys. */
export const accessPaths = {
  getMe: { method: 'GET', path: '/api/v1/me' },
  changePassword: { method: 'PUT', path: '/api/v1/me/password' },
  listSessionsOfMine: { method: 'GET', path: '/api/v1/me/sessions' },
  endSession: { method: 'DELETE', path: '/api/v1/me/sessions/{sessionId}' },
  listProjects: { method: 'GET', path: '/api/v1/projects' },
  createProject: { method: 'POST', path: '/api/v1/projects' },
  renameProject: { method: 'PUT', path: '/api/v1/project' },
  countProject: { method: 'GET', path: '/api/v1/project/contents' },
  removeProject: { method: 'POST', path: '/api/v1/project/removal' },
  listProjectRemovals: { method: 'GET', path: '/api/v1/projects/removals' },
  listPeople: { method: 'GET', path: '/api/v1/people' },
  changePerson: { method: 'PUT', path: '/api/v1/people/{personId}' },
  removePerson: { method: 'DELETE', path: '/api/v1/people/{personId}' },
  listInvitations: { method: 'GET', path: '/api/v1/invitations' },
  invitePerson: { method: 'POST', path: '/api/v1/invitations' },
  removeInvitation: { method: 'DELETE', path: '/api/v1/invitations/{invitationId}' },
  listTeams: { method: 'GET', path: '/api/v1/teams' },
  createTeam: { method: 'POST', path: '/api/v1/teams' },
  removeTeam: { method: 'DELETE', path: '/api/v1/teams/{teamId}' },
  listKeys: { method: 'GET', path: '/api/v1/keys' },
  createKey: { method: 'POST', path: '/api/v1/keys' },
  revokeKey: { method: 'DELETE', path: '/api/v1/keys/{keyId}' },
} as const;

export type AccessRouteId = keyof typeof accessPaths;
