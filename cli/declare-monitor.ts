import { type Command, InvalidArgumentError } from 'commander';
import type { ChannelOptions } from './commands/monitor.ts';
import type { Config } from './config.ts';
import type { ExitCode } from './output/exit-codes.ts';
import type { Terminal } from './output/terminal.ts';
import type { MonitorOptions } from './parse-monitor.ts';

type Deps = { config: Config; terminal: Terminal };

const collect = (text: string, before: string[]): string[] => [...before, text];
const commands = () => import('./commands/monitor.ts');

function whole(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('It takes a whole number above 0.');
  return Number(text);
}
function minutes(text: string): number {
  const [, number, unit] = /^(\d{1,5})(m|h|d)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('Say 30m, 4h or 2d.');
  return Number(number) * (unit === 'h' ? 60 : unit === 'd' ? 1440 : 1);
}

/** `wheelhouse monitor …` */
export function declareMonitor(program: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const monitor = program.command('monitor').description('What watches traces, and who is told');
  monitor
    .command('ls')
    .description('List monitors with what they found last')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => finish(await (await commands()).listMonitors(options, deps)));
  monitor
    .command('new')
    .description('Watch a measure of the traces that fit a filter; one of that name is replaced')
    .argument('<name>')
    .argument('[filter...]')
    .option('--of <measure>', 'what is measured', 'traces')
    .option('--by <field>', 'looks at each value by itself: model, user, tag, …')
    .option('--above <limit>', 'tell when it is above: 2s, 5%, $10, 0.7')
    .option('--below <limit>', 'tell when it is below')
    .option('--unusual <direction>', 'tell when it is not what is usual at that hour and weekday: up, down or both')
    .option('--objective <share>', 'tell when the budget of a service level burns too fast: 99.9%')
    .option('--drift [filter]', 'tell when traces are not like those a week before, or like those that fit')
    .option('--embed <model>', 'of drift: compare what is asked by its meaning, too, with an embedding model; costs')
    .option('--probe <model>', 'ask a model the same each time, and tell when it answers otherwise')
    .option('--ask <prompt>', 'what a probe asks; repeatable', collect, [])
    .option('--budget <dollars>', 'what a probe or embeddings may cost a day (default: 1)')
    .option('--window <time>', 'what is measured at once (default: 1h; of drift 1d), or how often a probe asks (6h)')
    .option('--least <rows>', 'with fewer traces a window tells nothing (default: 20)', whole)
    .option('--no-data', 'tell of windows that tell nothing, too')
    .option('--tell <channel>', 'who is told; repeatable', collect, [])
    .option('--try', 'look once, keep nothing')
    .option('--estimate', 'say what a probe or embeddings would cost, keep nothing')
    .addHelpText(
      'after',
      '\nMeasures: traces · cost · error_rate · share:<filter> · latency:p90 · first_token:p50 · input_tokens ·\noutput_tokens · score:<name> · month_spend · budget:<id>. Without a rule it is --unusual both.',
    )
    .action(async (name: string, filter: string[], { data, ...options }: MonitorOptions & { data: boolean }) =>
      finish(await (await commands()).newMonitor(name, filter, { ...options, noData: !data }, deps)),
    );
  monitor
    .command('show')
    .description('One monitor and its last alerts')
    .argument('<name>')
    .option('--json', 'print it as JSON')
    .action(async (name: string, options: { json?: boolean }) =>
      finish(await (await commands()).showMonitor(name, options, deps)),
    );
  monitor
    .command('test')
    .description('Look now; nothing is kept and nobody is told')
    .argument('<name>')
    .option('--json', 'print it as JSON')
    .action(async (name: string, options: { json?: boolean }) =>
      finish(await (await commands()).testMonitor(name, options, deps)),
    );
  monitor
    .command('silence')
    .description('Tell nobody for a while; 0m ends it')
    .argument('<name>')
    .argument('<time>', 'such as 30m, 4h or 2d', minutes)
    .action(async (name: string, time: number) =>
      finish(await (await commands()).silenceMonitor(name, { minutes: time }, deps)),
    );
  monitor
    .command('rm')
    .description('Watch no more; its alerts stay')
    .argument('<name>')
    .action(async (name: string) => finish(await (await commands()).removeMonitor(name, deps)));
  declareChannel(monitor, deps, finish);
}

function declareChannel(monitor: Command, deps: Deps, finish: (code: ExitCode) => void): void {
  const channel = monitor.command('channel').description('Where messages go');
  channel
    .command('ls')
    .description('List channels, and what has not arrived')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => finish(await (await commands()).listChannels(options, deps)));
  channel
    .command('set')
    .description('Set up a channel; one of that name is replaced')
    .argument('<name>')
    .option('--kind <kind>', 'webhook, slack, teams, pagerduty or email', 'webhook')
    .option('--url <address>', 'where messages are posted; asked for where left out')
    .option('--secret', 'of a webhook: ask for what signs its messages')
    .option('--to <address>', 'of email: who gets it; repeatable', collect, [])
    .action(async (name: string, options: ChannelOptions) =>
      finish(await (await commands()).setChannel(name, options, deps)),
    );
  channel
    .command('test')
    .description('Send a message that says it is a test')
    .argument('<name>')
    .action(async (name: string) => finish(await (await commands()).testChannel(name, deps)));
  channel
    .command('rm')
    .description('Send nothing there any more')
    .argument('<name>')
    .action(async (name: string) => finish(await (await commands()).removeChannel(name, deps)));
}
