import * as ab from './abuse-schemas.ts';

/** What they take and give; see `abusePaths`. */
export const abuseRoutes = {
  getAbusePolicy: {
    summary: 'What is done about users who abuse models, and what is usual here',
    response: ab.abusePolicy,
  },
  setAbusePolicy: {
    summary: 'Set what is done; what is left out stays as it is',
    body: ab.abusePolicyChange,
    response: ab.abusePolicy,
  },
  tryAbusePolicy: {
    summary: 'Whom a policy would have acted upon in the last seven days; nothing is done',
    body: ab.abusePolicyChange,
    response: ab.abuseTrial,
  },
  listAbuseUsers: {
    summary: 'Users at risk, the last seen first',
    query: ab.abuseUserQuery,
    response: ab.abuseUserPage,
  },
  getAbuseUser: {
    summary: 'One end user: what speaks against whom, call by call, and what was done',
    response: ab.abuseUserDetail,
  },
  actOnAbuseUser: {
    summary: 'Throttle, challenge, block or allow an end user by hand, or undo what is in force',
    body: ab.abuseAction,
    response: ab.abuseUser,
  },
  passAbuseChallenge: {
    summary: 'Say that an end user passed the challenge: calls go on',
    body: ab.abusePass,
    response: ab.abuseUser,
  },
} as const;
