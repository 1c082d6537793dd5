import type { z } from 'zod';
import type { AccessRouteId } from './access-paths.ts';
import * as a from './access-schemas.ts';
import { removed } from './schemas.ts';

/** What each route about access takes and gives. */
export const accessRoutes = {
  getMe: { summary: 'Who asks, where, and what they may do', response: a.me },
  changePassword: {
    summary: 'Change my password; my other browsers are signed out',
    body: a.passwordChange,
    response: a.changed,
  },
  listSessionsOfMine: { summary: 'Browsers that I am signed in with', response: a.sessionList },
  endSession: { summary: 'Sign a browser of mine out', response: removed },
  listProjects: { summary: 'Projects that I can see, by id', response: a.projectList },
  createProject: { summary: 'Open a project', body: a.newProject, response: a.project, status: 201 },
  renameProject: { summary: 'Name this project otherwise', body: a.projectChange, response: a.project },
  countProject: { summary: 'How much this project has', response: a.projectContents },
  removeProject: {
    summary: 'Close this project at once, and erase all of it for good, as a job',
    body: a.projectRemovalRequest,
    response: a.projectRemoval,
    status: 202,
  },
  listProjectRemovals: { summary: 'Projects that go or are gone, newest first', response: a.projectRemovalList },
  listPeople: { summary: 'Who is in the project', response: a.personList },
  changePerson: { summary: 'Give a person another role or team', body: a.personChange, response: a.person },
  removePerson: { summary: 'Take a person out of the project; their keys end', response: removed },
  listInvitations: { summary: 'Open invitations, newest first', response: a.invitationList },
  invitePerson: { summary: 'Invite a person by a link', body: a.newInvitation, response: a.invited, status: 201 },
  removeInvitation: { summary: 'Take an invitation back', response: removed },
  listTeams: { summary: 'Teams, by name', response: a.teamList },
  createTeam: { summary: 'Form a team', body: a.newTeam, response: a.team, status: 201 },
  removeTeam: { summary: 'Dissolve a team', response: removed },
  listKeys: { summary: 'Keys, newest first, the revoked ones too', response: a.keyList },
  createKey: { summary: 'Make a key; its secret is shown this once', body: a.newKey, response: a.madeKey, status: 201 },
  revokeKey: { summary: 'Revoke a key, at once and for good', response: a.key },
} as const satisfies Record<AccessRouteId, { summary: string; body?: z.ZodType; response: z.ZodType; status?: number }>;
