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

/** What a version is: everything that its hash covers. */
export function DefinitionView({ version }: { version: ModelVersionBody }) {
  const { definition, signature } = version;
  return (
    <section aria-label={`Definition of v${version.number}`} className="card">
      <Part title="base model">
        <span className="mono">{definition.baseModel}</span>
      </Part>
      {definition.messages.length === 0 && (
        <Part title="messages">
          <span className="text-text-3">none: the caller’s messages alone</span>
        </Part>
      )}
      {definition.messages.map((message, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a version never changes.
        <Part key={i} title={message.role}>
          <Template text={message.content} />
        </Part>
      ))}
      {hasMembers(definition.parameters) && (
        <Part title="parameters">
          <JsonTree value={definition.parameters} />
        </Part>
      )}
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

/** A definition as text, for comparing line by line. */
export function definitionText({ definition }: ModelVersionBody): string {
  const messages = definition.messages.map((message) => `[${message.role}]\n${message.content}\n`);
  return `base model: ${definition.baseModel}\nparameters: ${JSON.stringify(definition.parameters)}\n\n${messages.join('\n')}`;
}
