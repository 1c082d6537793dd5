import type { Handlers, HostBody } from '@wheelhouse/core/contract';
import type { Clock, ModelHostStore, Random, SecretBox } from '@wheelhouse/core/ports';
import {
  type HostId,
  idRandomBytes,
  type ModelHost,
  nanosToMs,
  newId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { RouteTable } from '@wheelhouse/core/route';
import { tokenContext } from './host-caller.ts';

export type HostHandlerDeps = {
  hosts: ModelHostStore;
  box: SecretBox;
  clock: Clock;
  random: Random;
  /** @throws WheelhouseError `invalid_request` for an address that may not be called */
  checkUrl(url: string): void;
  routes(project: ProjectId): Pick<RouteTable, 'find'>;
  /** Called after each change, so that the next call sees it. */
  changed(): void;
};

const leaseMs = 30_000;
const renewEveryMs = 10_000;
const tokenBytes = 32;

const bodyOf = ({ id, model, version, url, createdBy, createdAt, expiresAt }: ModelHost): HostBody => ({
  ...{ id, model, version, url, createdBy, createdAt, expiresAt },
});

/** Leases of those who serve the code of versions. */
export function createHostHandlers(
  deps: HostHandlerDeps,
): Handlers<'listHosts' | 'registerHost' | 'renewHost' | 'removeHost'> {
  const { hosts, box, clock, random } = deps;

  function checkVersion(project: ProjectId, model: string, number: number): void {
    const version = deps.routes(project).find(model)?.versions.get(number);
    if (version === undefined)
      throw new WheelhouseError('model_not_found', `There is no ${model}@${number}.`, { param: 'version' });
    if (version.definition.flavor !== 'code')
      throw new WheelhouseError(
        'invalid_request',
        `${model}@${number} is of flavor ${version.definition.flavor}, which runs here and needs no host.`,
        { param: 'model' },
      );
  }

  return {
    async listHosts({ by }) {
      return { data: (await hosts.live(by.project)).map(bodyOf) };
    },
    async registerHost({ by, body }) {
      const { model, version, url } = body;
      checkVersion(by.project, model, version);
      deps.checkUrl(url);
      const id = newId('host', nanosToMs(clock.now()), random.bytes(idRandomBytes));
      const token = `whh_${Buffer.from(random.bytes(tokenBytes)).toString('base64url')}`;
      const sealed = box.seal(token, tokenContext(by.project, id));
      const host = await hosts.register(by, { id, model, version, url, sealed, leaseMs });
      deps.changed();
      return { ...bodyOf(host), token, renewEveryMs };
    },
    async renewHost({ by, params }) {
      const host = await hosts.renew(by.project, params.hostId as HostId, leaseMs);
      if (host !== null) return bodyOf(host);
      throw new WheelhouseError('not_found', 'The lease is over.', {
        hint: 'Register again; `wheelhouse serve` does so by itself.',
      });
    },
    async removeHost({ by, params }) {
      const removed = await hosts.leave(by, params.hostId as HostId);
      deps.changed();
      return { removed };
    },
  };
}
