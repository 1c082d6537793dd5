import { checkCallers } from '@wheelhouse/core/model';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Config } from '../config.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { promotionReport } from '../output/promotion-report.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';
import { type Led, moveOrAsk, startCanary } from '../promote/lead-alias.ts';
import { openPlaces, type Places } from '../promote/open-places.ts';
import { type Promotion, planPromotion } from '../promote/plan-promotion.ts';
import { publishPackage } from '../publish-package.ts';
import { tellMoved } from './model.ts';
import { showStarted } from './release.ts';

type Deps = { config: Config; terminal: Terminal };
export type PromoteOptions = {
  to?: string;
  alias?: string;
  canary?: number;
  breaking?: boolean;
  name?: string;
  dryRun?: boolean;
  json?: boolean;
};

function checkOptions(ref: string, { alias, canary, name }: PromoteOptions, { isHere }: Places): void {
  if (canary !== undefined && alias === undefined)
    throw new UsageError('--canary gives a share of an alias.', 'Say of which one: --alias production.');
  if (isHere && alias === undefined && name === undefined)
    throw new UsageError(
      `Nothing is to be copied: ${plain(ref)} is at this server.`,
      'Say which alias is to lead to it, --alias production, or another server, --to https://wheelhouse.example.com.',
    );
}

/** Whatever can be refused is, before anything is published. */
function checkPromotion({ plan, alias: led }: Promotion, { canary, breaking = false }: PromoteOptions, to: string) {
  if (led === null) return;
  const { alias, from, asks, release } = led;
  const { model: name, number, version } = plan.model;
  const target = { ...version, number };
  checkCallers({ name, alias, from: from ?? undefined, to: target, breaking });
  if (canary === undefined || from?.number === number) return;
  if (from === null)
    throw new UsageError(
      `There is no \`${name}@${alias}\` at ${to} that the version could take over.`,
      'Leave --canary out: the first version moves the alias.',
    );
  if (asks !== null)
    throw new WheelhouseError('alias_protected', `\`${alias}\` is protected at ${to}: no share of it is given.`, {
      hint: 'Leave --canary out: the move is asked for then. Or have somebody who may move it start the release.',
    });
  if (release && release.candidate !== number)
    throw new WheelhouseError('conflict', `Version ${release.candidate} is on its way to \`${name}@${alias}\`.`, {
      hint: `Wait for its end, or end it: WHEELHOUSE_URL=${to} wheelhouse release rollback ${name}@${alias}`,
    });
}

/** Whether an alias is there or, of a canary, on its way. */
function isLed({ plan, alias }: Promotion, { canary }: PromoteOptions): boolean {
  const { number } = plan.model;
  if (alias === null || alias.from?.number === number) return true;
  return canary !== undefined && alias.release?.candidate === number;
}

async function lead(promotion: Promotion, options: PromoteOptions, { target }: Places, version: number) {
  const { plan, alias, words: message } = promotion;
  if (alias === null || isLed(promotion, options)) return null;
  const move = { name: plan.model.model, alias: alias.alias, version };
  const { canary: share, breaking = false } = options;
  return share === undefined
    ? moveOrAsk(target, move, { breaking, message })
    : startCanary(target, move, { share, breaking, message });
}

function tellLed(led: Led, { name, alias, version }: { name: string; alias: string; version: number }, deps: Deps) {
  const { terminal } = deps;
  if (led.state === 'moved') return tellMoved(`${name}@${alias}`, led.breaking, terminal, version);
  if (led.state === 'canary') return showStarted(deps, led);
  const when = led.isNew ? 'is asked for' : 'was asked for already';
  const tick = terminal.outStyle.green('✓');
  terminal.out(`  ${tick} The move of ${plain(`${name}@${alias}`)} to version ${version} ${when}, as ${led.request}\n`);
}

/** What the rest of the way takes. */
function nextOf(promotion: Promotion, led: Led | null, { to, isHere }: Places): string | null {
  const { origin, plan, alias } = promotion;
  const there = isHere ? '' : `WHEELHOUSE_URL=${to} `;
  if (led?.state === 'canary') return `${there}wheelhouse release watch ${plan.model.model}@${alias?.alias}`;
  if (led?.state === 'asked') return `${to}/models/${encodeURIComponent(plan.model.model)}`;
  if (alias !== null) return null;
  const named = plan.model.model === origin.model ? '' : ` --name ${plan.model.model}`;
  return `wheelhouse model promote ${origin.model}@${origin.version} --to ${to}${named} --alias production`;
}

const planJson = ({ origin, plan, alias, evaluated }: Promotion, { to }: Places) => ({
  from: origin,
  to: { server: to, model: plan.model.model, version: plan.model.number, isNew: plan.model.isNew },
  references: plan.references.map(({ model, number, isNew }) => ({ model, version: number, isNew })),
  alias: alias && { alias: alias.alias, from: alias.from?.number ?? null, changes: alias.changes },
  evaluated,
});

/** A name that others lead to has to be there before they are published. */
async function leadReference(one: { name: string; alias: string; version: number }, places: Places, message: string) {
  const led = await moveOrAsk(places.target, one, { breaking: false, message });
  if (led.state !== 'asked') return;
  throw new WheelhouseError(
    'alias_protected',
    `\`${one.name}@${one.alias}\`, which it leads to, is protected at ${places.to}: it is asked for, as ${led.request}.`,
    { hint: 'Promote again once it is approved.' },
  );
}

/** `wheelhouse model promote`: a version as another server has it, and the alias that leads to it there. */
export async function promoteModel(ref: string, options: PromoteOptions, deps: Deps): Promise<ExitCode> {
  const { config, terminal } = deps;
  const { json, dryRun } = options;
  const places = await openPlaces(config, options.to);
  checkOptions(ref, options, places);
  const promotion = await planPromotion(
    ref,
    { name: options.name, alias: options.alias, share: options.canary },
    places,
  );
  const { plan, alias, words } = promotion;
  const { to } = places;
  const isDone = ![...plan.references, plan.model].some(({ isNew, alias: led }) => isNew || led !== null);
  const done = isDone && isLed(promotion, options);
  if (dryRun && json) terminal.out(`${JSON.stringify(planJson(promotion, places))}\n`);
  if (!json) terminal.out(promotionReport(promotion, { to, style: terminal.outStyle }));
  checkPromotion(promotion, options, to);
  if (dryRun || done) {
    if (!json) terminal.out(done ? '  Nothing is to be done.\n' : '  Nothing was changed.\n');
    else if (!dryRun) terminal.out(`${JSON.stringify({ ...planJson(promotion, places), led: null })}\n`);
    return exitCodes.done;
  }
  let version = plan.model.number;
  const taken = publishPackage(plan, {
    client: places.target,
    lead: (one) => leadReference(one, places, words),
  });
  for await (const one of taken) {
    version = one.number;
    if (one.isNew && !json)
      terminal.out(`  ${terminal.outStyle.green('✓')} ${plain(one.model)}@${one.number} is published\n`);
  }
  const led = await lead(promotion, options, places, version);
  if (json) terminal.out(`${JSON.stringify({ ...planJson(promotion, places), led })}\n`);
  else if (led && alias) tellLed(led, { name: plan.model.model, alias: alias.alias, version }, deps);
  const next = nextOf(promotion, led, places);
  if (next !== null && !json) terminal.err(terminal.errStyle.dim(`    ${next}\n`));
  return exitCodes.done;
}
