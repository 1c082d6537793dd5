import type { GatewayTargetsBody } from '@wheelhouse/sdk';
import { dateTime, plural, seconds } from '../../data/format.ts';
import { Pill } from '../../parts/pill.tsx';
import { Section, TableCard } from './section.tsx';

type Target = GatewayTargetsBody['data'][number];
type Route = GatewayTargetsBody['routes'][number];

const states = {
  ok: { tone: 'good', text: '✓ takes calls' },
  open: { tone: 'bad', text: '✕ left alone' },
  probing: { tone: 'warn', text: '▲ being tried' },
} as const;

function State({ target }: { target: Target }) {
  const { tone, text } = states[target.state];
  const resting = target.keys.length;
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <Pill tone={tone}>{text}</Pill>
      {target.retryAt !== null && target.state === 'open' && (
        <span className="text-text-3">until {dateTime(target.retryAt)}</span>
      )}
      {resting > 0 && (
        <span className="text-text-3" title={target.keys.map((key) => `${key.state}: ${key.reason}`).join('\n')}>
          {plural(resting, 'key')} resting
        </span>
      )}
    </span>
  );
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

/** How the places that calls went to are. */
export function Targets({ targets }: { targets: Target[] }) {
  return (
    <Section
      title="Targets"
      text="Every model of a provider that this server called since it started; figures are of the last half minute."
    >
      {targets.length === 0 ? (
        <p className="text-text-3">Nothing was called since the server started. Try a request below.</p>
      ) : (
        <TableCard
          label="Health of targets"
          heads={['Target', 'State', 'Running', 'Failed', 'First content', 'Rate limit left', 'Last failure']}
          right={[2, 3, 4, 5]}
          rows={targets.map((target) => ({
            key: target.target,
            cells: [
              <span key="name" className="mono break-all">
                {target.target}
              </span>,
              <State key="state" target={target} />,
              target.running,
              <span key="failed" className={target.failures > 0 ? 'text-bad' : ''}>
                {target.failures} of {target.attempts}
              </span>,
              target.latencyMs === null ? '–' : seconds(target.latencyMs / 1000),
              target.headroom === null ? '–' : percent(target.headroom),
              target.lastFailure === null ? (
                <span key="failure" className="text-text-3">
                  none
                </span>
              ) : (
                <span
                  key="failure"
                  className="line-clamp-2 break-words text-text-2"
                  title={`${target.lastFailure.message} (${dateTime(target.lastFailure.at)})`}
                >
                  <span className="mono">{target.lastFailure.kind}</span> {target.lastFailure.message}
                </span>
              ),
            ],
          }))}
        />
      )}
    </Section>
  );
}

const details = ({ sticky, hedgeAfterMs, shadow }: Route) =>
  [
    ...(sticky === null ? [] : [`a ${sticky} stays`]),
    ...(hedgeAfterMs === null ? [] : [`hedged after ${hedgeAfterMs} ms`]),
    ...(shadow === null ? [] : [`${percent(shadow.share)} copied to ${shadow.target}`]),
  ].join(', ');

const marks = { ok: '●', open: '✕', probing: '▲' } as const;
const colours = { ok: 'text-good', open: 'text-bad', probing: 'text-warn' } as const;

type RoutesProps = { routes: Route[]; targets: Target[] };

/** Names that lead to several targets, as the configuration has them. */
export function Routes({ routes, targets }: RoutesProps) {
  const healthOf = (name: string) => targets.find(({ target }) => target === name)?.state ?? null;
  return (
    <Section
      title="Routes"
      text={
        <>
          Names that lead to several targets, from <span className="mono">wheelhouse.config</span>; a change of the file
          counts at once.
        </>
      }
    >
      {routes.length === 0 ? (
        <div className="card p-3">
          <p className="text-text-2">No routes. Each call goes to the one model that it names. A first route:</p>
          <pre className="mono mt-2 overflow-x-auto rounded-2 bg-sunken px-3 py-2">
            {`routes: { fast: { targets: ['groq/llama-3.3-70b-versatile', 'openai/gpt-4o-mini'] } }`}
          </pre>
        </div>
      ) : (
        <TableCard
          label="All routes"
          heads={['Name', 'Chosen by', 'Targets', 'Another one after']}
          rows={routes.map((route) => ({
            key: route.name,
            cells: [
              <span key="name" className="mono font-medium break-all">
                {route.name}
              </span>,
              <span key="by">
                {route.strategy}
                <span className="block text-text-3">{details(route)}</span>
              </span>,
              <ul key="targets">
                {route.targets.map(({ target, weight, after }) => {
                  const state = healthOf(target);
                  return (
                    <li key={target} className="break-all">
                      <span
                        className={state === null ? 'text-text-3' : colours[state]}
                        title={state === null ? 'not called yet' : states[state].text}
                      >
                        {state === null ? '○' : marks[state]}
                      </span>{' '}
                      <span className="mono">{target}</span>
                      {route.strategy === 'weighted' && <span className="text-text-3"> × {weight}</span>}
                      {after !== null && <span className="text-text-3"> after {after.join(', ')}</span>}
                    </li>
                  );
                })}
              </ul>,
              <span key="fallback" className="text-text-3">
                {route.fallbackOn.join(', ')}
              </span>,
            ],
          }))}
        />
      )}
    </Section>
  );
}
