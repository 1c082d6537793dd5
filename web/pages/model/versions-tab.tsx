import { Link, useNavigate } from '@tanstack/react-router';
import type { ModelDetailBody, ModelVersionBody } from '@wheelhouse/sdk';
import { dateTime, plural, shortHash } from '../../data/format.ts';
import { useHere } from '../../data/here.ts';
import { lineagePlace } from '../../data/lineage-link.ts';
import { Snippet } from '../../parts/copy-button.tsx';
import { Pill } from '../../parts/pill.tsx';
import { DefinitionView } from './definition-view.tsx';
import { VersionDiff } from './version-diff.tsx';

/** Every version with who made it, when and why. */
export function Versions({ detail, selected }: { detail: ModelDetailBody; selected: number }) {
  const { model, versions } = detail;
  return (
    <nav aria-label="Versions" className="flex-none border-line max-lg:border-b lg:w-64 lg:overflow-auto lg:border-r">
      <h2 className="px-4 pt-3 pb-1 text-xs font-medium text-text-3">{plural(versions.length, 'version')}</h2>
      <ul className="max-lg:max-h-48 max-lg:overflow-auto">
        {versions.map((version) => (
          <li key={version.number}>
            <Link
              to="/models/$name"
              params={{ name: model.name }}
              search={{ version: version.number }}
              aria-current={version.number === selected ? 'true' : undefined}
              className={`block border-b border-line px-4 py-2 -outline-offset-2 hover:bg-sunken ${version.number === selected ? 'bg-accent-bg' : ''}`}
            >
              <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <span className="font-semibold">v{version.number}</span>
                <span className="mono text-text-3">{shortHash(version.hash)}</span>
                {model.aliases
                  .filter((alias) => alias.version === version.number)
                  .map((alias) => (
                    <Pill key={alias.alias} tone="accent">
                      @{alias.alias}
                    </Pill>
                  ))}
              </span>
              {version.message && <span className="block break-words">{version.message}</span>}
              <span className="block truncate text-xs text-text-3">
                {dateTime(version.createdAt)} · {version.author}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function HowToCall({ detail, version }: { detail: ModelDetailBody; version: ModelVersionBody }) {
  const { model } = detail;
  const alias = model.aliases.find((one) => one.alias === 'production') ?? model.aliases[0];
  const properties = Object.keys((version.signature.input.properties ?? {}) as object);
  const variables = properties.map((name) => `"${name}": "…"`).join(', ');
  const { origin, curl } = useHere();
  const code = `curl ${origin}/v1/chat/completions ${curl} \\
  -d '{
  "model": "${model.name}@${alias?.alias ?? version.number}",${variables ? `\n  "variables": { ${variables} },` : ''}
  "messages": [{ "role": "user", "content": "hello" }]
}'`;
  return (
    <section aria-label="How to call it" className="card p-3">
      <h2 className="mb-2 font-semibold">How to call it</h2>
      <p className="mb-2 text-text-2">
        In any OpenAI client with base URL <span className="mono">{origin}/v1</span>:
      </p>
      <Snippet code={`model: "${model.name}@${alias?.alias ?? version.number}"`} label="The model's name for callers" />
      <p className="my-2 text-text-2">From a terminal:</p>
      <Snippet code={code} label="A call with curl" />
    </section>
  );
}

function MadeFrom({ version }: { version: ModelVersionBody }) {
  if (version.madeFrom.length === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-2 text-sm text-text-2">
      Made from
      {version.madeFrom.map((ref) => {
        const { kind, label, href } = lineagePlace(ref);
        return href === null ? (
          <span key={ref} className="mono">
            {ref}
          </span>
        ) : (
          <Link key={ref} to={href} className="link">
            {kind} <span className="mono">{label}</span>
          </Link>
        );
      })}
    </p>
  );
}

type DiffCardProps = { detail: ModelDetailBody; version: ModelVersionBody; against: ModelVersionBody };

/** Any two versions beside each other. */
function DiffCard({ detail, version, against }: DiffCardProps) {
  const navigate = useNavigate();
  const { name } = detail.model;
  return (
    <section aria-label="What changed" className="card">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
        <h2 className="font-semibold">What changed</h2>
        <span className="ml-auto flex items-center gap-2">
          <select
            aria-label="Compare with"
            className="field !min-h-6 !w-auto !py-0"
            value={against.number}
            onChange={(event) =>
              void navigate({
                to: '/models/$name',
                params: { name },
                search: { version: version.number, against: Number(event.target.value) },
              })
            }
          >
            {detail.versions
              .filter(({ number }) => number !== version.number)
              .map(({ number }) => (
                <option key={number} value={number}>
                  v{number}
                </option>
              ))}
          </select>
          → v{version.number}
        </span>
      </div>
      <VersionDiff name={name} from={against.number} to={version.number} />
    </section>
  );
}

/** One version: what it is, what is different from another, how it is called. */
export function VersionReader(props: {
  detail: ModelDetailBody;
  version: ModelVersionBody;
  against: number | undefined;
}) {
  const { detail, version } = props;
  const others = detail.versions.filter(({ number }) => number !== version.number);
  const against =
    others.find(({ number }) => number === props.against) ??
    others.find(({ number }) => number < version.number) ??
    others.at(0);
  return (
    <div className="min-w-0 flex-1 p-4 lg:overflow-auto">
      <div className="mb-3 flex flex-col gap-1">
        <div className="flex flex-wrap items-baseline gap-x-3">
          <h2 className="text-lg font-semibold">v{version.number}</h2>
          <span className="mono break-all text-text-3">{version.hash}</span>
        </div>
        <MadeFrom version={version} />
      </div>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          {props.against !== undefined && against && <DiffCard detail={detail} version={version} against={against} />}
          <DefinitionView version={version} />
          {props.against === undefined && against && <DiffCard detail={detail} version={version} against={against} />}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <HowToCall detail={detail} version={version} />
        </div>
      </div>
    </div>
  );
}
