export { createAuditHandlers } from './audit.ts';
export type { AskedProject, Gate } from './gate.ts';
export type { OidcConfig, OidcTrip } from './oidc.ts';
export { type Access, openAccess, type SignInDoor } from './open-access.ts';
export { createRemovalHandlers, startProjectRemovals } from './remove-project.ts';
export { newSecret } from './secrets.ts';
export { type SignedIn, sameSecret, type Visitor } from './sign-ins.ts';
