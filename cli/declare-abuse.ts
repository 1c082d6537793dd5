import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ListOptions, PolicyChange } from './commands/abuse.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

type Deps = { config: Config; terminal: Terminal };
type Json = { json?: boolean };
type PolicyOptions = Json & {
  mode?: 'off' | 'log' | 'act';
  perMinute?: number;
  challengeUrl?: string;
  blockHours?: number;
  kind?: Record<string, string>;
  exempt?: string[];
  exemptKey?: string[];
  try?: boolean;
};

const commands = () => import('./commands/abuse.ts');

function whole(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('Give a whole number above 0.');
  return Number(text);
}

/** `--kind scraping=throttle`, again for each. */
function kindRung(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, kind, rung] =
    /^(injection|extraction|probing|scraping|farming)=(none|log|throttle|challenge|block)$/.exec(text) ?? [];
  if (kind === undefined || rung === undefined)
    throw new InvalidArgumentError('Give a kind and the highest rung, as in scraping=throttle, or farming=none.');
  return { ...before, [kind]: rung };
}

const all = (text: string, before: string[] = []) => [...before, text];

function changeOf(given: PolicyOptions): PolicyChange {
  const { mode, perMinute, challengeUrl, blockHours, kind, exempt, exemptKey } = given;
  const highest = Object.fromEntries(
    Object.entries(kind ?? {}).map(([name, rung]) => [name, rung === 'none' ? null : rung]),
  ) as PolicyChange['highest'];
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(perMinute === undefined ? {} : { throttle: { callsPerMinute: perMinute } }),
    ...(challengeUrl === undefined ? {} : { challenge: { url: challengeUrl } }),
    ...(blockHours === undefined ? {} : { block: { holdMinutes: blockHours * 60 } }),
    ...(kind === undefined ? {} : { highest }),
    ...(exempt === undefined ? {} : { exemptUsers: exempt }),
    ...(exemptKey === undefined ? {} : { exemptKeys: exemptKey }),
  };
}

/** `wheelhouse abuse …` */
export function declareAbuse(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const abuse = program.command('abuse').description('End users who abuse models, and what is done about them');
  abuse
    .command('list')
    .alias('ls')
    .description('Users at risk, the last seen first')
    .addOption(new Option('--state <state>', 'which').choices(['listed', 'acted', 'allowed', 'all']).default('listed'))
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => finish(await (await commands()).listUsers(options, deps)));
  abuse
    .command('show')
    .description('One user: what speaks against whom, and what was done')
    .argument('<user>')
    .option('--json', 'print it as JSON')
    .action(async (user: string, options: Json) => finish(await (await commands()).showUser(user, options, deps)));
  const does = (name: 'block' | 'throttle' | 'challenge' | 'undo' | 'allow' | 'disallow', about: string) => {
    const command = abuse
      .command(name)
      .description(about)
      .argument('<user>')
      .option('--reason <text>', 'for the audit list');
    if (name === 'block' || name === 'throttle' || name === 'challenge')
      command.option('--minutes <number>', 'how long; left out: until it is undone', whole);
    command.action(async (user: string, { minutes, reason }: { minutes?: number; reason?: string }) => {
      const body = {
        do: name,
        ...(minutes === undefined ? {} : { minutes }),
        ...(reason === undefined ? {} : { reason }),
      };
      finish(await (await commands()).actOn(user, body, deps));
    });
  };
  does('throttle', 'Let so many calls a minute through, as the policy says');
  does('challenge', 'Take no calls until the user passes a challenge');
  does('block', 'Take no calls');
  does('undo', 'Take calls again; what was before counts no more');
  does('allow', 'Do nothing about the user, ever');
  does('disallow', 'Look at the user as at any other again');
  abuse
    .command('passed')
    .description('Say that a user passed the challenge')
    .argument('<user>')
    .argument('<challenge>', 'of the header x-wheelhouse-challenge of the refusal')
    .action(async (user: string, challenge: string) =>
      finish(await (await commands()).passChallenge(user, challenge, deps)),
    );
  abuse
    .command('policy')
    .description('What is done about whom; with options: change it')
    .addOption(new Option('--mode <mode>', 'log: only list; act: carry it out').choices(['off', 'log', 'act']))
    .option('--kind <kind=rung>', 'the highest rung that a kind leads to; none: do not look for it', kindRung)
    .option('--per-minute <number>', 'calls a minute of users who are throttled', whole)
    .option('--challenge-url <url>', 'where users pass a challenge')
    .option('--block-hours <number>', 'how long a first block holds', whole)
    .option('--exempt <user>', 'do nothing about this user; again for each, replaces those before', all)
    .option('--exempt-key <key>', 'never refuse calls of this key; again for each, replaces those before', all)
    .option('--try', 'only say whom it would have acted upon in the last seven days')
    .option('--json', 'print it as JSON')
    .action(async (options: PolicyOptions) => {
      const { policyOf, tryOut } = await commands();
      finish(await (options.try ? tryOut : policyOf)(changeOf(options), options, deps));
    });
}
