import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { inputTokens, isCopyRun, outputTokens } from '@wheelhouse/core/records';
import type { ContentBody, ScoreBody, SpanBody, SpanSummaryBody } from '@wheelhouse/sdk';
import { Play } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { between, count, duration, sizeText, usd } from '../../data/format.ts';
import { largestJson } from '../../data/json-size.ts';
import { spanQuery } from '../../data/queries.ts';
import { jsonText } from '../../data/safe-json.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { JsonTree } from '../../parts/json-tree.tsx';
import { KindIcon } from '../../parts/kind-icon.tsx';
import { Markdown } from '../../parts/markdown.tsx';
import { May } from '../../parts/may.tsx';
import { ContentView } from '../../parts/messages.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { toggleValue } from '../traces/edit-filter.ts';
import { CostParts } from './cost-parts.tsx';
import { ScoreList } from './scores.tsx';

type Fact = { name: string; value: ReactNode; note?: string | undefined };

/** Only what is known: a tool has no tokens. */
function Facts({ facts }: { facts: Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <dl className="flex flex-wrap overflow-hidden border-b border-line">
      {facts.map(({ name, value, note }) => (
        <div
          key={name}
          className="-mb-px min-w-[112px] flex-1 border-b border-line px-3 py-2 shadow-[-1px_0_0_var(--border)]"
        >
          <dt className="text-xs whitespace-nowrap text-text-3">{name}</dt>
          <dd className="mono truncate" title={typeof value === 'string' ? value : undefined}>
            {value}
          </dd>
          {note && <dd className="truncate text-xs text-text-3">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

const tokens = ({ usage }: SpanSummaryBody) =>
  usage ? `${count(inputTokens(usage))} → ${count(outputTokens(usage))}` : '';

function tokenNote({ usage }: SpanSummaryBody): string | undefined {
  const cached = usage?.counts.cacheRead ?? 0;
  const reasoning = usage?.counts.reasoning ?? 0;
  const parts = [
    cached > 0 ? `${count(cached)} cached` : '',
    reasoning > 0 ? `${count(reasoning)} reasoning` : '',
    usage?.source === 'estimated' ? 'estimated' : '',
  ];
  return parts.filter((part) => part !== '').join(' · ') || undefined;
}

function factsOf(span: SpanSummaryBody, detail: SpanBody | undefined): Fact[] {
  const base = span.responseModel ?? span.requestModel;
  const model = span.model ?? base;
  const facts: Fact[] = [];
  if (model) facts.push({ name: 'Model', value: model, note: span.model ? (base ?? undefined) : undefined });
  if (span.usage) facts.push({ name: 'Tokens', value: tokens(span), note: tokenNote(span) });
  if (span.firstTokenNs !== null) facts.push({ name: 'First token', value: between(span.startNs, span.firstTokenNs) });
  if (span.usage || span.costNanoUsd)
    facts.push({
      name: 'Cost',
      value: usd(span.costNanoUsd),
      note: detail?.cost ? `price ${detail.cost.priceId}` : span.costNanoUsd ? undefined : 'no price known',
    });
  if (span.provider) facts.push({ name: 'Provider', value: span.provider });
  if (detail?.alias) facts.push({ name: 'Called as', value: `@${detail.alias}` });
  if (detail && detail.finishReasons.length > 0)
    facts.push({ name: 'Finished', value: detail.finishReasons.join(', ') });
  if (detail?.service) facts.push({ name: 'Service', value: detail.service });
  if (detail?.sessionId)
    facts.push({
      name: 'Session',
      value: (
        <Link to="/sessions/$sessionId" params={{ sessionId: detail.sessionId }} className="link">
          {detail.sessionId}
        </Link>
      ),
    });
  if (detail?.userId)
    facts.push({
      name: 'User',
      value: (
        <Link to="/traces" search={{ q: toggleValue('', 'user', detail.userId) }} className="link">
          {detail.userId}
        </Link>
      ),
    });
  return facts;
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="border-b border-line px-3 py-2">
      <h3 className="mb-1 text-xs font-medium text-text-3">{title}</h3>
      {children}
    </section>
  );
}

function Folded({ title, value }: { title: string; value: unknown }) {
  return (
    <details className="border-b border-line px-3 py-1">
      <summary className="min-h-6 text-xs leading-6 font-medium text-text-3">{title}</summary>
      <JsonTree value={value} />
    </details>
  );
}

function Events({ span }: { span: SpanBody }) {
  return span.events.map((event, i) => {
    const stack = event.attributes['exception.stacktrace'];
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: recorded events never move.
      <div key={i} className="mb-2">
        <div>
          {event.name} <span className="mono text-text-3">+{between(span.startNs, event.timeNs)}</span>
        </div>
        {typeof stack === 'string' ? (
          <pre className="mono rounded-2 bg-bad-bg p-2 break-words whitespace-pre-wrap text-bad">{stack}</pre>
        ) : (
          <JsonTree value={event.attributes} />
        )}
      </div>
    );
  });
}

function Documents({ span }: { span: SpanBody }) {
  return span.documents.map((document, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: recorded documents never move.
    <div key={i} className="mb-2 rounded-2 border border-line p-2">
      <div className="mono text-text-3">
        {document.id ?? `document ${i + 1}`}
        {document.score !== null && ` · ${document.score.toFixed(3)}`}
      </div>
      {document.content && <Markdown text={document.content} />}
    </div>
  ));
}

const filled = (value: unknown) => value !== null && typeof value === 'object' && Object.keys(value).length > 0;

const unwrapped = (value: unknown): string => {
  if (typeof value !== 'string') return jsonText(value);
  try {
    return jsonText(JSON.parse(value));
  } catch {
    return jsonText(value);
  }
};

/** Some emitters record a tool's arguments as its input, too, as JSON or as the text of it. */
const saidTwice = (content: ContentBody, part: unknown) =>
  content.type === 'json' && part !== undefined && unwrapped(content.value) === unwrapped(part);

function runTitle({ runId, exampleId }: NonNullable<SpanBody['run']>): string {
  if (isCopyRun(runId)) return 'Copy of a call';
  return exampleId === '' ? 'Optimization' : 'Evaluation';
}

/** Everything recorded of one span, what matters first. */
function Recorded({ span }: { span: SpanBody }) {
  return (
    <>
      {span.run && (
        <Section title={runTitle(span.run)}>
          {isCopyRun(span.run.runId) ? (
            <>
              of{' '}
              <Link to="/x/$id" params={{ id: span.run.exampleId }} className="link">
                this call
              </Link>
              , for{' '}
              <Link to="/x/$id" params={{ id: span.run.runId }} className="link mono">
                {span.run.runId}
              </Link>
            </>
          ) : span.run.exampleId === '' ? (
            <Link to="/x/$id" params={{ id: span.run.runId }} className="link mono">
              {span.run.runId}
            </Link>
          ) : (
            <>
              example <span className="mono">{span.run.exampleId}</span>, repetition {span.run.repetition + 1}
            </>
          )}
        </Section>
      )}
      {span.toolCall && (
        <Section title={`Tool ${span.toolCall.name}`}>
          <JsonTree value={{ arguments: span.toolCall.arguments, result: span.toolCall.result }} />
        </Section>
      )}
      {span.input && !saidTwice(span.input, span.toolCall?.arguments) && (
        <ContentView content={span.input} title="input" />
      )}
      {span.output && !saidTwice(span.output, span.toolCall?.result) && (
        <ContentView content={span.output} title="output" />
      )}
      {!span.input && !span.output && !span.toolCall && (
        <p className="border-b border-line px-3 py-2 text-text-3">Nothing was recorded of what went in or came out.</p>
      )}
      {span.documents.length > 0 && (
        <Section title="Documents">
          <Documents span={span} />
        </Section>
      )}
      {span.events.length > 0 && (
        <Section title="Events">
          <Events span={span} />
        </Section>
      )}
      {filled(span.params) && (
        <Section title="Parameters">
          <JsonTree value={span.params} />
        </Section>
      )}
      {filled(span.toolDefinitions) && <Folded title="Tools offered" value={span.toolDefinitions} />}
      {span.cost && <CostParts span={span} />}
      {filled(span.metadata) && <Folded title="Metadata" value={span.metadata} />}
      {filled(span.attributes) && (
        <Folded title={`Attributes as they came · ${span.dialect}`} value={span.attributes} />
      )}
    </>
  );
}

/** A payload may be of any size: what a page can hold is loaded when asked for, what it cannot is a file. */
function LeftOut({ span, loading, onLoad }: { span: SpanBody; loading: boolean; onLoad: () => void }) {
  if (!span.leftOut) return null;
  const isFile = span.leftOut > largestJson;
  const path = `/api/v1/traces/${span.traceId}/spans/${span.spanId}`;
  return (
    <p className="flex flex-wrap items-center gap-2 border-b border-line bg-warn-bg px-3 py-2">
      ▲ {sizeText(span.leftOut)} of this span are not shown.
      {isFile ? (
        <a className="btn !min-h-6" href={path} download={`span-${span.spanId}.json`}>
          Download all as JSON
        </a>
      ) : (
        <button type="button" className="btn !min-h-6" disabled={loading} onClick={onLoad}>
          {loading ? 'Loading …' : 'Load all'}
        </button>
      )}
    </p>
  );
}

type SpanPanelProps = {
  span: SpanSummaryBody;
  scores: ScoreBody[];
  onScore?: () => void;
  /** What else people say of it, below its scores. */
  children?: ReactNode;
};

/** The selected span; its payload is loaded when it is selected. */
export function SpanPanel({ span, scores, onScore, children }: SpanPanelProps) {
  const { client } = useData();
  const [whole, setWhole] = useState(false);
  const capped = useQuery(spanQuery(client, span.traceId, span.spanId));
  const all = useQuery({ ...spanQuery(client, span.traceId, span.spanId, true), enabled: whole });
  const query = whole && (all.data || all.error) ? all : capped;
  const registered = /^(.+)@\d+$/.exec(span.model ?? '')?.[1];
  return (
    <>
      <div className="flex items-center gap-2 border-b border-line px-3 py-2">
        <KindIcon kind={span.kind} size={16} />
        <h2 className="min-w-0 truncate font-semibold">{span.name}</h2>
        {registered && (
          <Link to="/models/$name" params={{ name: registered }} className="link flex-none">
            open model
          </Link>
        )}
        {span.kind === 'generation' && (
          <May call="readDraft">
            <Link
              to="/playground"
              search={{ from: `span:${span.traceId}/${span.spanId}` }}
              className="btn !min-h-6 flex-none"
            >
              <Play size={12} strokeWidth={1.75} aria-hidden="true" />
              Try <kbd>v</kbd>
            </Link>
          </May>
        )}
        <span className="mono -my-1 ml-auto flex flex-none items-center text-text-2">
          {query.data && <CopyButton text={() => jsonText(query.data, 2)} label="Copy the span as JSON" />}
          {span.endNs === null ? 'running' : duration(String(BigInt(span.endNs) - BigInt(span.startNs)))}
        </span>
      </div>
      {span.status === 'error' && (
        <p className="said border-b border-line bg-bad-bg px-3 py-2 text-bad">
          ✕ {span.statusMessage ?? 'This span ended in an error that was not described.'}
        </p>
      )}
      <Facts facts={factsOf(span, query.data)} />
      <ScoreList
        scores={scores.filter((score) => score.spanId === null || score.spanId === span.spanId)}
        onAdd={onScore}
      />
      {children}
      <QueryState query={query} what="the span" />
      {query.data && <LeftOut span={query.data} loading={whole} onLoad={() => setWhole(true)} />}
      {query.data && <Recorded key={query.data.leftOut ? 'capped' : 'whole'} span={query.data} />}
    </>
  );
}
