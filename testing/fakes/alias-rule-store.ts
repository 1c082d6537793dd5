import type { AliasRuleStore, ModelStore } from '@wheelhouse/core/ports';
import {
  type AliasRequest,
  type AliasRule,
  canonicalJson,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';
import { fakeModelStore } from './model-store.ts';
import { pageOf } from './page-of.ts';

const said = ({ role, review, gates }: Pick<AliasRule, 'role' | 'review' | 'gates'>) => ({ role, review, gates });

/** In memory, over the fake of the models whose aliases it moves. */
export function fakeAliasRuleStore(
  audit: FakeAuditStore = fakeAuditStore(),
  models: ModelStore = fakeModelStore(audit),
): AliasRuleStore {
  const rules: (AliasRule & { project: ProjectId })[] = [];
  const requests: (AliasRequest & { project: ProjectId })[] = [];
  const ruleOf = (project: ProjectId, alias: string) =>
    rules.find((rule) => rule.project === project && rule.alias === alias);
  const toRule = ({ project: _, ...rule }: (typeof rules)[number]): AliasRule => ({ ...rule });
  const toRequest = ({ project: _, ...request }: (typeof requests)[number]): AliasRequest => ({ ...request });
  const versionOf = async (project: ProjectId, { model, alias }: Pick<AliasRequest, 'model' | 'alias'>) =>
    (await models.get(project, model))?.aliases.find((one) => one.alias === alias)?.version ?? null;

  return {
    rules: async (project) =>
      rules
        .filter((rule) => rule.project === project)
        .map(toRule)
        .sort((a, b) => (a.alias < b.alias ? -1 : 1)),
    async rule(project, alias) {
      const rule = ruleOf(project, alias);
      return rule ? toRule(rule) : null;
    },
    async setRule(by, { alias, role, review, gates }) {
      const was = ruleOf(by.project, alias);
      if (was && canonicalJson(said(was)) === canonicalJson({ role, review, gates })) return toRule(was);
      const before = was ? said(was) : null;
      const now = { project: by.project, alias, role, review, gates, changedBy: by.actor, changedAt: audit.now() };
      if (was) Object.assign(was, now);
      else rules.push(now);
      audit.record(by, { action: 'alias_rule.set', subject: alias, detail: { before, after: said(now) } });
      return toRule(now);
    },
    async removeRule(by, alias) {
      const rule = ruleOf(by.project, alias);
      if (!rule) return false;
      rules.splice(rules.indexOf(rule), 1);
      audit.record(by, { action: 'alias_rule.remove', subject: alias, detail: { before: said(rule), after: null } });
      return true;
    },

    async ask(by, { id, model, alias, to, message }) {
      const found = await models.get(by.project, model);
      if (!found) throw new WheelhouseError('model_not_found', `No model is registered as \`${model}\`.`);
      if (to < 1 || to > found.latest) throw new WheelhouseError('not_found', `\`${model}\` has no version ${to}.`);
      const from = await versionOf(by.project, { model, alias });
      if (from === to) throw new WheelhouseError('conflict', `\`${model}@${alias}\` is at version ${to} already.`);
      const same = (one: AliasRequest) =>
        one.status === 'open' && one.model === model && one.alias === alias && one.to === to;
      if (requests.some((one) => one.project === by.project && same(one)))
        throw new WheelhouseError('conflict', `Somebody asks already for \`${model}@${alias}\` to go to ${to}.`);
      const request = {
        ...{ project: by.project, id, model, alias, from, to, message, status: 'open' as const, comment: '' },
        ...{ askedBy: by.actor, askedAt: audit.now(), decidedBy: null, decidedAt: null },
      };
      requests.push(request);
      const before = from === null ? null : { version: from };
      const detail = { request: id, before, after: { version: to }, message };
      audit.record(by, { action: 'alias.ask', subject: `${model}@${alias}`, detail });
      return toRequest(request);
    },
    async request(project, id) {
      const found = requests.find((one) => one.project === project && one.id === id);
      return found ? toRequest(found) : null;
    },
    async requests(project, { status, model, ...page }) {
      const mine = requests.filter((one) => one.project === project).map(toRequest);
      const fits = (one: AliasRequest) =>
        (status === undefined || one.status === status) && (model === undefined || one.model === model);
      return pageOf(mine.reverse(), fits, page);
    },
    async decide(by, id, { status, comment }) {
      const request = requests.find((one) => one.project === by.project && one.id === id);
      if (!request) throw new WheelhouseError('not_found', `There is no request \`${id}\`.`);
      if (request.status !== 'open')
        throw new WheelhouseError('conflict', `This request is ${request.status} already, by ${request.decidedBy}.`);
      if (status === 'approved') {
        if ((await versionOf(by.project, request)) !== request.from)
          throw new WheelhouseError('conflict', `\`${request.model}@${request.alias}\` has moved since.`);
        await models.moveAlias(by, request.model, request.alias, request.to);
      }
      Object.assign(request, { status, comment, decidedBy: by.actor, decidedAt: audit.now() });
      const detail = { request: id, before: { status: 'open' }, after: { status, comment } };
      audit.record(by, { action: `alias.${status}`, subject: `${request.model}@${request.alias}`, detail });
      return toRequest(request);
    },
  };
}
