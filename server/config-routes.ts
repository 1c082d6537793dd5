import { failureKinds, WheelhouseError } from '@wheelhouse/core/records';
import {
  type BreakerSettings,
  defaultBreaker,
  defaultSettings,
  type Route,
  type RouteSettings,
  type RouteTarget,
  strategies,
  targetOf,
} from '@wheelhouse/core/route';
import { z } from 'zod';

const ms = z.number().int().positive();
const share = z.number().min(0).max(1);
const kinds = z.array(z.enum(failureKinds));

/** What a route may say, and `gateway` for all calls. */
const common = {
  retries: z
    .object({
      attempts: z.number().int().min(1).max(10).optional().describe('At one target, the first one included'),
      backoffMs: ms.optional().describe('The first wait is drawn from 0 to this; each later one may be twice as long'),
      maxBackoffMs: ms.optional(),
      maxWaitMs: ms.optional().describe('The longest wait that a vendor may ask for'),
    })
    .strict()
    .optional(),
  fallbackOn: kinds.optional().describe('After which failures another target is tried'),
  timeouts: z
    .object({
      connectMs: ms.optional().describe('Until the connection stands'),
      firstTokenMs: ms.optional().describe('Until the first content; of a whole answer, until its headers'),
      idleMs: ms.optional().describe('Between two pieces of an answer'),
      totalMs: ms.optional().describe('All attempts and the whole answer'),
    })
    .strict()
    .optional(),
  hedgeAfterMs: ms.nullable().optional().describe('Silent for this long, a second attempt runs beside the first'),
  coalesce: z.boolean().optional().describe('Identical calls at the same time become one call'),
};

const target = z.union(
  [
    z.string().min(1),
    z
      .object({
        model: z.string().min(1).describe('provider/model'),
        weight: z.number().min(0).optional(),
        priority: z.number().int().min(0).optional(),
        after: kinds.min(1).optional().describe('Only after another target failed so'),
      })
      .strict(),
  ],
  { error: 'A target is `provider/model`, or { model, weight, priority, after } with failures in `after`.' },
);

const route = z
  .object({
    targets: z.array(target).min(1).max(64),
    strategy: z.enum(strategies).optional(),
    sticky: z.enum(['user', 'session']).optional().describe('Whose calls stay with one target'),
    shadow: z
      .object({ model: z.string().min(1).describe('provider/model'), share: share.optional() })
      .strict()
      .optional()
      .describe('Gets copies of calls; its answers are recorded and thrown away'),
    ...common,
  })
  .strict();

/** `routes` in wheelhouse.config. */
export const routesSection = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'A route is named with small letters, digits, dots and dashes.'),
  route,
);

/** `gateway` in wheelhouse.config: what holds for calls of every model. */
export const gatewaySection = z
  .object({
    ...common,
    breaker: z
      .object({
        minAttempts: z.number().int().positive().optional(),
        failureShare: share.optional().describe('From this share of failures on, a target takes no calls'),
        windowMs: ms.optional(),
        openMs: ms.optional().describe('How long it is left alone at first'),
        longestOpenMs: ms.optional(),
      })
      .strict()
      .optional(),
  })
  .strict();

type Common = Pick<z.output<typeof gatewaySection>, keyof typeof common>;
type RouteSection = z.output<typeof route>;
type TargetSection = z.output<typeof target>;

/** Members that are said, over those that are not. */
function over<T extends object>(base: T, said: { [Name in keyof T]?: T[Name] | undefined } | undefined): T {
  const given = Object.entries(said ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}

function withCommon(base: RouteSettings, said: Common): RouteSettings {
  return {
    ...base,
    retries: over(base.retries, said.retries),
    fallbackOn: said.fallbackOn ?? base.fallbackOn,
    timeouts: over(base.timeouts, said.timeouts),
    hedgeAfterMs: said.hedgeAfterMs === undefined ? base.hedgeAfterMs : said.hedgeAfterMs,
    coalesce: said.coalesce ?? base.coalesce,
  };
}

export type GatewayConfig = { settings: RouteSettings; breaker: BreakerSettings };

export function readGateway(section: z.output<typeof gatewaySection>): GatewayConfig {
  return { settings: withCommon(defaultSettings, section), breaker: over(defaultBreaker, section.breaker) };
}

type Names = { providers: ReadonlySet<string>; defaultProvider: string | null };

const wrong = (message: string, hint?: string) =>
  new WheelhouseError('config_invalid', message, hint === undefined ? {} : { hint });

/** A target names its provider, or it is a model of the default provider. */
function readModel(model: string, place: string, { providers, defaultProvider }: Names): RouteTarget {
  const slash = model.indexOf('/');
  const provider = slash > 0 ? model.slice(0, slash) : '';
  if (providers.has(provider) && slash + 1 < model.length) return targetOf(provider, model.slice(slash + 1));
  if (defaultProvider !== null) return targetOf(defaultProvider, model);
  throw wrong(
    `${place}: \`${model}\` names no provider that is configured.`,
    `Write provider/model; there are ${[...providers].sort().join(', ')}.`,
  );
}

function readTargets(name: string, sections: readonly TargetSection[], names: Names): RouteTarget[] {
  const targets = sections.map((section, index) => {
    const said = typeof section === 'string' ? { model: section } : section;
    const base = readModel(said.model, `routes.${name}.targets.${index}`, names);
    return over(base, { weight: said.weight, priority: said.priority, after: said.after });
  });
  const twice = targets.find((one, index) => targets.findIndex(({ ref }) => ref === one.ref) !== index);
  if (twice) throw wrong(`routes.${name}.targets: ${twice.ref} is there twice.`, 'Say it once, with a larger weight.');
  if (targets.every(({ after }) => after !== null))
    throw wrong(`routes.${name}.targets: all of them wait for another one to fail.`, 'Leave `after` out of one.');
  return targets;
}

/** Weights mean shares; a list without them means an order. */
function strategyOf(section: RouteSection): RouteSettings['strategy'] {
  if (section.strategy) return section.strategy;
  return section.targets.some((one) => typeof one === 'object' && one.weight !== undefined) ? 'weighted' : 'priority';
}

/**
 * The routes by name.
 * @throws WheelhouseError `config_invalid`
 */
export function readRoutes(
  sections: z.output<typeof routesSection>,
  { settings, ...names }: Names & { settings: RouteSettings },
): Map<string, Route> {
  return new Map(
    Object.entries(sections).map(([name, section]) => {
      const shadow = section.shadow ?? null;
      const own: RouteSettings = {
        ...withCommon(settings, section),
        strategy: strategyOf(section),
        sticky: section.sticky ?? null,
        shadow: shadow && {
          target: readModel(shadow.model, `routes.${name}.shadow.model`, names),
          share: shadow.share ?? 1,
        },
      };
      return [name, { name, targets: readTargets(name, section.targets, names), settings: own }];
    }),
  );
}
