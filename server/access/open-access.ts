import type { AccessRouteId, Handlers } from '@wheelhouse/core/contract';
import type { AccessStore, Random } from '@wheelhouse/core/ports';
import { type AccessReader, createAccessReader } from './access-reader.ts';
import { createGate, type Gate } from './gate.ts';
import { createKeyHandlers } from './key-handlers.ts';
import { createMeHandlers } from './me-handlers.ts';
import { createOidc, type Oidc, type OidcConfig } from './oidc.ts';
import { createPasswords, type ScryptCost } from './passwords.ts';
import { createPeopleHandlers } from './people-handlers.ts';
import type { createRemovalHandlers } from './remove-project.ts';
import { createSignIns, type SignIns } from './sign-ins.ts';

export type AccessOptions = {
  store: AccessStore;
  random: Random;
  nowMs(): number;
  /** null: nobody signs in. */
  adminKey: string | null;
  oidc: OidcConfig | null;
  shared: boolean;
  passwordCost?: ScryptCost;
  log: { error(details: object, message: string): void };
};

/** What the pages for signing in need; see `server/http/sign-in.ts`. */
export type SignInDoor = SignIns & { oidc: Oidc | null };

export type Access = {
  gate: Gate;
  /** null: nobody signs in. */
  signIns: SignInDoor | null;
  handlers: Handlers<Exclude<AccessRouteId, keyof ReturnType<typeof createRemovalHandlers>>>;
  reader: AccessReader;
  close(): Promise<void>;
};

const noteUseEveryMs = 30_000;

/** People, keys and projects: who somebody is, and what is to be known and changed about it. */
export function openAccess(options: AccessOptions): Access {
  const { store, random, nowMs, adminKey, log } = options;
  const reader = createAccessReader(store, nowMs);
  const passwords = createPasswords(random, options.passwordCost);
  const changed = () => reader.refresh();
  const deps = { store, random, nowMs, changed };

  async function noteUse(): Promise<void> {
    const used = reader.takeUsed();
    if (used.length > 0) await store.noteKeyUse(used);
  }
  const failed = (err: unknown) => log.error({ err }, 'the last use of keys is not noted');
  let noting: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    noting = noting.then(noteUse).catch(failed);
  }, noteUseEveryMs).unref();

  return {
    gate: createGate({ reader, adminKey, shared: options.shared, nowMs }),
    signIns:
      adminKey === null
        ? null
        : {
            ...createSignIns({ store, reader, passwords, random, adminKey, nowMs }),
            oidc: options.oidc && createOidc(options.oidc),
          },
    handlers: {
      ...createMeHandlers({ ...deps, reader, passwords }),
      ...createPeopleHandlers(deps),
      ...createKeyHandlers(deps),
    },
    reader,
    async close() {
      clearInterval(timer);
      await noting;
      await noteUse().catch(failed);
    },
  };
}
