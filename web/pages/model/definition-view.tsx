import type { ModelVersionBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { JsonTree } from '../../parts/json-tree.tsx';

const tag = /(\{\{\{?[^{}]*\}?\}\})/;

/** A template with its variables marked. */
function Template({ text }: { text: string }) {
  return (
    <pre className="mono break-words whitespace-pre-wrap">
      {text.split(tag).map((piece, i) =>
        tag.test(piece) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move.
          <span key={i} className="rounded-1 bg-accent-bg text-accent">
            {piece}
          </span>
        ) : (
          piece
        ),
      )}
    </pre>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="border-b border-line px-3 py-2 last:border-b-0">
      <h3 className="mb-1 text-xs font-medium text-text-3">{title}</h3>
      {children}
    </div>
  );
}

const hasMembers = (value: object) => Object.keys(value).length > 0;

/** The templates of a version, in order. */
function partsOf({ definition }: ModelVersionBody): { title: string; text: string }[] {
  if (definition.flavor !== 'prompt') return [];
  if (definition.template !== undefined) return [{ title: 'template', text: definition.template }];
  return (definition.messages ?? []).map((part) =>
    'role' in part && typeof part.content === 'string'
      ? { title: part.role, text: part.content }
      : { title: 'role' in part ? part.role : 'part', text: JSON.stringify(part, null, 2) },
  );
}

/** A base model with or without templates, or whatever a version is instead. */
function Inside({ version }: { version: ModelVersionBody }) {
  const { definition } = version;
  if (definition.flavor !== 'base' && definition.flavor !== 'prompt')
    return (
      <Part title={definition.flavor}>
        <JsonTree value={definition} />
      </Part>
    );
  return (
    <>
      <Part title="base model">
        <span className="mono">{definition.baseModel}</span>
      </Part>
      {partsOf(version).length === 0 && (
        <Part title="messages">
          <span className="text-text-3">none: the caller’s messages alone</span>
        </Part>
      )}
      {partsOf(version).map(({ title, text }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a version never changes.
        <Part key={i} title={title}>
          <Template text={text} />
        </Part>
      ))}
      {hasMembers(definition.parameters) && (
        <Part title="parameters">
          <JsonTree value={definition.parameters} />
        </Part>
      )}
    </>
  );
}

/** What a version is: everything that its hash covers. */
export function DefinitionView({ version }: { version: ModelVersionBody }) {
  const { signature } = version;
  return (
    <section aria-label={`Definition of v${version.number}`} className="card">
      <Inside version={version} />
      <Part title="signature: input">
        <JsonTree value={signature.input} />
      </Part>
      {hasMembers(signature.output) && (
        <Part title="signature: output">
          <JsonTree value={signature.output} />
        </Part>
      )}
    </section>
  );
}
