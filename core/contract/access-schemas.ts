import { z } from 'zod';
import { roles } from '../records/index.ts';
import { isoTime } from './schemas.ts';

/** Who asks, projects, people, teams and keys. */

const role = z.enum(roles).describe('Each may do what those before it may');
const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@<>"]+@[^\s@<>"]+$/, 'This is no address');
const password = z.string().min(12, 'A password takes 12 characters or more').max(500);
const shortName = z.string().trim().min(1).max(80);

export const project = z.object({ id: z.string(), name: z.string(), createdAt: isoTime });

export const me = z.object({
  actor: z.string().describe('As it stands in the audit list'),
  project: project.describe('Where this request acts; `x-wheelhouse-project` asks for another one'),
  role: role.nullable().describe('In this project; null: a key that may call models and send traces'),
  person: z.object({ id: z.string(), email: z.string(), name: z.string(), password: z.boolean() }).nullable(),
  key: z.string().nullable().describe('The key that was sent, by its id'),
  session: z.string().nullable().describe('The browser that is signed in, by its id'),
  projects: z.array(project.extend({ role: role.nullable() })).describe('All that can be asked for'),
});

export const projectList = z.object({ data: z.array(project.extend({ role: role.nullable() })) });
export const newProject = z
  .object({
    id: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/, 'An id takes 1 to 50 of a-z 0-9 -, no - at its ends')
      .describe('Never changes'),
    name: shortName.optional().describe('The id, unless said'),
  })
  .strict();
export const projectChange = z.object({ name: shortName }).strict();

export const projectContents = z.object({
  traces: z.number(),
  scores: z.number(),
  models: z.number(),
  datasets: z.number(),
  examples: z.number(),
  evaluations: z.number(),
  files: z.number(),
  keys: z.number().describe('Those that count'),
  people: z.number().describe('Their accounts stay'),
});
export const projectRemovalRequest = z
  .object({ name: z.string().max(200).describe('The name of the project, so that no other is removed by mistake') })
  .strict();
export const projectRemoval = z.object({
  project: z.string(),
  contents: projectContents.describe('What it had'),
  error: z.string().nullable().describe('Why it is not erased yet; tried again within the hour'),
  requestedBy: z.string(),
  requestedAt: isoTime,
  removedAt: isoTime.nullable().describe('null: not everything is gone yet'),
});
export const projectRemovalList = z.object({
  data: z.array(projectRemoval).describe('To an owner of the default project all, to others those they asked for'),
});

export const person = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role,
  team: z.string().nullable().describe('Its id'),
  since: isoTime,
});
export const personList = z.object({ data: z.array(person) });
export const personChange = z
  .object({ role: role.optional(), team: z.string().nullable().optional().describe('Its id; null: in none') })
  .strict();

export const invitation = z.object({
  id: z.string(),
  email: z.string(),
  role,
  createdBy: z.string(),
  createdAt: isoTime,
  expiresAt: isoTime,
});
export const invitationList = z.object({ data: z.array(invitation) });
export const newInvitation = z
  .object({ email, role: role.default('editor'), days: z.number().int().min(1).max(30).default(7) })
  .strict();
export const invited = invitation.extend({
  path: z.string().describe('The link of the invitation, from the address of this server on; shown once'),
});

export const team = z.object({ id: z.string(), name: z.string(), createdAt: isoTime });
export const teamList = z.object({ data: z.array(team.extend({ people: z.number(), keys: z.number() })) });
export const newTeam = z.object({ name: shortName }).strict();

export const key = z.object({
  id: z.string(),
  name: z.string(),
  last4: z.string().describe('Last characters of the secret'),
  role: role.nullable().describe('null: it may call models and send traces, and nothing else'),
  person: z.string().nullable().describe('Whose it is, by id; null: the project’s'),
  team: z.string().nullable().describe('By id'),
  createdBy: z.string(),
  createdAt: isoTime,
  expiresAt: isoTime.nullable(),
  revokedAt: isoTime.nullable(),
  lastUsedAt: isoTime.nullable().describe('To the minute'),
});
export const keyList = z.object({ data: z.array(key) });
export const newKey = z
  .object({
    name: shortName,
    role: role.nullable().default(null),
    team: z.string().nullable().default(null).describe('By id'),
    mine: z.boolean().default(false).describe('It acts for the person who makes it, and ends with their membership'),
    days: z.number().int().min(1).max(3650).nullable().default(null).describe('null: until it is revoked'),
  })
  .strict();
export const madeKey = key.extend({ secret: z.string().describe('Shown this once, and never again') });

export const session = z.object({
  id: z.string(),
  agent: z.string().describe('What the browser says that it is'),
  current: z.boolean(),
  createdAt: isoTime,
  expiresAt: isoTime,
});
export const sessionList = z.object({ data: z.array(session) });
export const passwordChange = z.object({ current: z.string().max(500), next: password }).strict();
export const changed = z.object({ changed: z.literal(true) });
