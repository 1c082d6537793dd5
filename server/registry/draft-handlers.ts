import type { Handlers } from '@wheelhouse/core/contract';
import { type FlavorContext, flavorOf, ownRequest } from '@wheelhouse/core/model';
import type { JsonObject } from '@wheelhouse/core/records';
import type { RegistryDeps } from './registry.ts';
import { contentOf } from './version-content.ts';

/** What a definition takes and asks before it is a version, for whoever edits one. */
export function createDraftHandlers(deps: Pick<RegistryDeps, 'checker' | 'find'>): Handlers<'readDraft'> {
  return {
    async readDraft({ by, body }) {
      const context: FlavorContext = { checker: deps.checker, find: deps.find(by.project) };
      const { definition, signature } = contentOf({ ...body, message: '', madeFrom: [] }, context);
      const { baseModel } = definition;
      if (body.input === undefined || baseModel === undefined || flavorOf(definition).runs !== 'direct')
        return { signature, request: null };
      const own = ownRequest({ definition, signature }, body.input as JsonObject, { name: 'the draft', ...context });
      return { signature, request: { baseModel, ...own } };
    },
  };
}
