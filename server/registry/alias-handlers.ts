import { type Handlers, modelSchemas } from '@wheelhouse/core/contract';
import { breakingChanges, checkCallers } from '@wheelhouse/core/model';
import type { AliasRuleStore, Clock, EvaluationStore, ModelStore, Random } from '@wheelhouse/core/ports';
import {
  type AliasRequest,
  type AliasRequestId,
  type Caller,
  idRandomBytes,
  type ModelVersion,
  nanosToMs,
  newId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type AliasGates, checkGates } from './alias-gates.ts';
import { checkDecision, checkMove, checkWithdrawal, mayDecide } from './alias-rights.ts';
import { detailBody, modelOf, requestBody, ruleBody } from './bodies.ts';
import { announcer, type RegistryDeps } from './registry.ts';

export type AliasDeps = Pick<RegistryDeps, 'changed' | 'feed'> & {
  models: ModelStore;
  rules: AliasRuleStore;
  evaluations: Pick<EvaluationStore, 'list'>;
  gates: AliasGates;
  clock: Clock;
  random: Random;
};

/** The newest evaluations of a version that are looked through for one with another. */
const evaluationsLookedAt = 100;
const decided = { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn' } as const;

function checkAlias(alias: string): void {
  const checked = modelSchemas.aliasName.safeParse(alias);
  if (checked.success) return;
  throw new WheelhouseError(
    'invalid_request',
    `\`${alias}\` cannot be an alias: ${checked.error.issues[0]?.message}.`,
    {
      param: 'alias',
      hint: 'Name it for its role, for example production or staging; versions already have numbers.',
    },
  );
}

type Move = { name: string; alias: string; version: number };

const versionAt = async (models: Pick<ModelStore, 'get'>, project: ProjectId, { name, alias }: Omit<Move, 'version'>) =>
  (await models.get(project, name))?.aliases.find((one) => one.alias === alias)?.version ?? null;

/** Why callers of the one may fail with the other. */
function breakingOf(versions: readonly ModelVersion[], before: number | null, after: number | undefined): string[] {
  const [from, to] = [before, after].map((number) => versions.find((one) => one.number === number));
  return breakingChanges(from, to);
}

type Compatible = Pick<ModelStore, 'get' | 'versions'>;

/** @throws WheelhouseError `conflict` where callers of the version that the alias is at may fail with another */
async function checkMoved(
  models: Compatible,
  project: ProjectId,
  { name, alias, version, breaking }: Move & { breaking: boolean },
): Promise<void> {
  if (breaking) return;
  const from = await versionAt(models, project, { name, alias });
  if (from === null || from === version) return;
  const versions = await models.versions(project, name);
  const [before, after] = [from, version].map((number) => versions.find((one) => one.number === number));
  checkCallers({ name, alias, from: before, to: after, breaking });
}

/** Moves an alias as far as its rule lets somebody, for whoever moves one in another form. */
export const createAliasMover = (deps: Pick<AliasDeps, 'models' | 'rules' | 'gates'>) => ({
  /** @throws WheelhouseError `alias_protected`, `invalid_request`, `not_found` */
  async check(by: Caller, { name, alias }: Omit<Move, 'version'>): Promise<void> {
    checkAlias(alias);
    checkMove(await deps.rules.rule(by.project, alias), by, { name, alias });
  },
  /** @throws WheelhouseError `alias_protected`, `gate_not_held`, `invalid_request`, `not_found` */
  async mayMove(by: Caller, { name, alias, version }: Move): Promise<void> {
    await this.check(by, { name, alias });
    const rule = await deps.rules.rule(by.project, alias);
    const from = await versionAt(deps.models, by.project, { name, alias });
    await checkGates(deps.gates, { project: by.project, rule }, { name, alias, version, from });
  },
  /** @throws WheelhouseError `alias_protected` */
  async mayWithdraw(by: Caller, alias: string): Promise<void> {
    checkWithdrawal(await deps.rules.rule(by.project, alias), by, alias);
  },
  /**
   * Unless `breaking` is said, its callers have to go on as they are.
   * @throws WheelhouseError `alias_protected`, `conflict`, `gate_not_held`, `invalid_request`, `not_found`
   */
  async move(
    by: Caller,
    { breaking, message, ...move }: Move & { breaking: boolean; message?: string },
  ): Promise<void> {
    const { name, alias, version } = move;
    await this.check(by, move);
    await checkMoved(deps.models, by.project, { ...move, breaking });
    await this.mayMove(by, move);
    await deps.models.moveAlias(by, name, alias, version, message);
  },
  async remove(by: Caller, { name, alias }: Omit<Move, 'version'>): Promise<void> {
    checkWithdrawal(await deps.rules.rule(by.project, alias), by, alias);
    await deps.models.removeAlias(by, name, alias);
  },
});

type Moves = 'moveAlias' | 'rollBackAlias' | 'removeAlias';

function createMoves(deps: AliasDeps): Handlers<Moves> {
  const { models, rules } = deps;
  const mover = createAliasMover(deps);
  const announce = announcer(deps);

  /** Does it, and says what it means for callers. */
  async function moved(by: Caller, { name, alias }: Omit<Move, 'version'>, move: () => Promise<unknown>) {
    const before = await versionAt(models, by.project, { name, alias });
    await move();
    await announce(by, name);
    const found = await modelOf(models, by.project, name);
    const after = found.model.aliases.find((one) => one.alias === alias)?.version;
    return { ...detailBody(found), breaking: breakingOf(found.versions, before, after) };
  }

  return {
    moveAlias: ({ by, params: { name, alias }, body }) =>
      moved(by, { name, alias }, () => mover.move(by, { name, alias, ...body })),
    rollBackAlias: ({ by, params: { name, alias } }) =>
      moved(by, { name, alias }, async () => {
        checkWithdrawal(await rules.rule(by.project, alias), by, alias);
        await models.rollBackAlias(by, name, alias);
      }),
    async removeAlias({ by, params: { name, alias } }) {
      await mover.remove(by, { name, alias });
      await announce(by, name);
      return detailBody(await modelOf(models, by.project, name));
    },
  };
}

type Asked = 'requestAlias' | 'listAliasRequests' | 'getAliasRequest' | 'decideAliasRequest';

function createRequests(deps: AliasDeps): Handlers<Asked> {
  const { models, rules, evaluations } = deps;
  const announce = announcer(deps);

  async function requestOf(project: ProjectId, id: string): Promise<AliasRequest> {
    const request = await rules.request(project, id as AliasRequestId);
    if (request) return request;
    throw new WheelhouseError('not_found', `There is no request \`${id}\`.`, {
      hint: 'GET /api/v1/alias-requests lists them.',
    });
  }

  async function evaluationOf(project: ProjectId, { model, from, to }: AliasRequest): Promise<string | null> {
    if (from === null) return null;
    const all = await evaluations.list(project, {
      ...{ limit: evaluationsLookedAt, model: `${model}@${to}`, status: 'completed' },
    });
    const found = all.find(({ runs }) => runs.some((run) => run.model === model && run.version === from));
    return found?.id ?? null;
  }

  return {
    async requestAlias({ by, params, body }) {
      checkAlias(params.alias);
      const id = newId('arq', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
      const { name: model, alias } = params;
      const request = await rules.ask(by, { id, model, alias, to: body.version, message: body.message });
      deps.feed.publish({ type: 'models', project: by.project, name: model });
      return requestBody(request);
    },
    async listAliasRequests({ by, query }) {
      const { limit, cursor, status, model } = query;
      const { data, next } = await rules.requests(by.project, {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
        ...(status === undefined ? {} : { status }),
        ...(model === undefined ? {} : { model }),
      });
      return { data: data.map(requestBody), next };
    },
    async getAliasRequest({ by, params }) {
      const request = await requestOf(by.project, params.requestId);
      const [rule, model, versions, evaluation] = await Promise.all([
        rules.rule(by.project, request.alias),
        models.get(by.project, request.model),
        models.versions(by.project, request.model),
        evaluationOf(by.project, request),
      ]);
      const now = model?.aliases.find(({ alias }) => alias === request.alias)?.version ?? null;
      return {
        request: requestBody(request),
        rule: rule && ruleBody(rule),
        now,
        evaluation,
        breaking: breakingOf(versions, now, request.to),
        mayDecide: request.status === 'open' && mayDecide(rule, by, request),
      };
    },
    async decideAliasRequest({ by, params, body: { decision, comment, breaking } }) {
      const request = await requestOf(by.project, params.requestId);
      const rule = await rules.rule(by.project, request.alias);
      checkDecision(rule, by, { request, decision });
      if (decision === 'approve') {
        const { model: name, alias, to: version } = request;
        await checkMoved(models, by.project, { name, alias, version, breaking });
        const from = await versionAt(models, by.project, { name, alias });
        await checkGates(deps.gates, { project: by.project, rule }, { name, alias, version, from });
      }
      const ended = await rules.decide(by, request.id, { status: decided[decision], comment });
      await announce(by, request.model);
      return requestBody(ended);
    },
  };
}

type Ruled = 'listAliasRules' | 'setAliasRule' | 'removeAliasRule';

/** Moves aliases, says who may, and takes requests of those who may not. */
export function createAliasHandlers(deps: AliasDeps): Handlers<Moves | Asked | Ruled> {
  const { rules } = deps;
  return {
    ...createMoves(deps),
    ...createRequests(deps),
    listAliasRules: async ({ by }) => ({ data: (await rules.rules(by.project)).map(ruleBody) }),
    async setAliasRule({ by, params, body }) {
      checkAlias(params.alias);
      return ruleBody(await rules.setRule(by, { alias: params.alias, ...body }));
    },
    removeAliasRule: async ({ by, params }) => ({ removed: await rules.removeRule(by, params.alias) }),
  };
}
