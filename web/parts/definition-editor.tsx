import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import type { Definition, PromptDefinition } from '../data/definitions.ts';
import { callableQuery } from '../data/queries.ts';
import { isObject, JsonField, type MemberProblem, mustBeList, mustBeObject } from './json-field.tsx';
import { PromptParts, TemplateField } from './prompt-parts.tsx';

type Parameters = Record<string, unknown>;
type Direct = Extract<Definition, { flavor: 'prompt' | 'base' }>;

/** A problem as the member below sees it. */
const below = (problem: MemberProblem | undefined, member: string): MemberProblem | undefined =>
  problem?.path[0] === member ? { ...problem, path: problem.path.slice(1) } : undefined;

/** What a request may name: base models, models, routes. */
function ModelInput(props: { id: string; value: string; onChange: (value: string) => void }) {
  const listId = useId();
  const known = (useQuery(callableQuery()).data ?? []).filter((id) => !id.includes('@'));
  return (
    <>
      <input
        id={props.id}
        className="field mono"
        list={listId}
        required
        spellCheck={false}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value.trim())}
      />
      <datalist id={listId}>
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}

/** Those have fields of their own. */
const apart = ['tools', 'response_format'] as const;

function withMember(parameters: Parameters, name: string, value: unknown): Parameters {
  const { [name]: _, ...rest } = parameters;
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** Open as soon as there is something in it, and then for as long as it is shown. */
export function Folded({ title, filled, children }: { title: string; filled: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(filled);
  if (filled && !open) setOpen(true);
  return (
    <details open={open}>
      <summary className="min-h-6 text-sm leading-6 font-medium">{title}</summary>
      {children}
    </details>
  );
}

type DirectProps = {
  definition: Direct;
  onChange: (definition: Definition) => void;
  problem?: MemberProblem | undefined;
};

function ParameterFields({ definition, onChange, problem }: DirectProps) {
  const parameters = (definition.parameters ?? {}) as Parameters;
  const set = (next: Parameters) => onChange({ ...definition, parameters: next } as Definition);
  const rest = Object.fromEntries(Object.entries(parameters).filter(([name]) => !apart.some((one) => one === name)));
  const kept = Object.fromEntries(apart.flatMap((name) => (name in parameters ? [[name, parameters[name]]] : [])));
  return (
    <>
      <JsonField
        label="Parameters"
        value={rest}
        rows={2}
        check={mustBeObject}
        problem={below(problem, 'parameters')}
        onChange={(value) => set({ ...(isObject(value) ? value : {}), ...kept })}
      />
      <Folded title="Tools" filled={parameters.tools !== undefined}>
        <JsonField
          label="Tools"
          quiet
          value={parameters.tools}
          check={mustBeList}
          placeholder='[{ "type": "function", "function": { "name": "find_order", "parameters": { … } } }]'
          onChange={(value) => set(withMember(parameters, 'tools', value))}
        />
      </Folded>
      <Folded title="Response schema" filled={parameters.response_format !== undefined}>
        <JsonField
          label="Response schema"
          quiet
          value={parameters.response_format}
          check={mustBeObject}
          placeholder='{ "type": "json_schema", "json_schema": { "name": "answer", "schema": { … } } }'
          onChange={(value) => set(withMember(parameters, 'response_format', value))}
        />
      </Folded>
    </>
  );
}

function Partials({
  definition,
  onChange,
}: {
  definition: PromptDefinition;
  onChange: (definition: PromptDefinition) => void;
}) {
  const entries = Object.entries(definition.partials ?? {});
  const set = (next: [string, string][]) => {
    const { partials: _, ...rest } = definition;
    onChange(next.length === 0 ? rest : { ...rest, partials: Object.fromEntries(next) });
  };
  return (
    <Folded title="Partials" filled={entries.length > 0}>
      <div className="flex flex-col gap-2">
        {entries.map(([name, text], i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a name that is typed must not lose its field.
          <div key={i} className="flex flex-col gap-1">
            <div className="flex gap-1">
              <input
                aria-label={`Name of partial ${i + 1}`}
                className="field mono !min-h-6"
                required
                pattern="[\w.\-]{1,100}"
                value={name}
                onChange={(event) => set(entries.map((one, j) => (j === i ? [event.target.value, one[1]] : one)))}
              />
              <button
                type="button"
                className="btn btn-quiet !min-h-6 !w-6 !p-0"
                aria-label={`Remove partial ${i + 1}`}
                onClick={() => set(entries.filter((_, j) => j !== i))}
              >
                <X size={13} strokeWidth={1.75} />
              </button>
            </div>
            <TemplateField
              label={`Template of partial ${i + 1}`}
              value={text}
              onChange={(next) => set(entries.map((one, j) => (j === i ? [one[0], next] : one)))}
            />
          </div>
        ))}
        <div>
          <button
            type="button"
            className="btn !min-h-6"
            onClick={() => set([...entries, [`part-${entries.length + 1}`, '']])}
          >
            <Plus size={12} strokeWidth={1.75} aria-hidden="true" />
            Add a partial
          </button>
        </div>
        <p className="text-sm text-text-3">
          {'{{>name}} writes it; {{>name@production}} writes a text prompt of the project.'}
        </p>
      </div>
    </Folded>
  );
}

type PromptProps = {
  definition: PromptDefinition;
  onChange: (definition: PromptDefinition) => void;
  problem?: MemberProblem | undefined;
};

/** Chat messages, or one text. */
function FormChoice({ definition, onChange }: PromptProps) {
  const isText = definition.template !== undefined;
  const toText = () => {
    const { messages, ...rest } = definition;
    const first = messages?.find((part) => 'role' in part && typeof part.content === 'string');
    onChange({ ...rest, template: first && 'role' in first && typeof first.content === 'string' ? first.content : '' });
  };
  const toChat = () => {
    const { template, ...rest } = definition;
    onChange({ ...rest, messages: [{ role: 'system', content: template ?? '' }] });
  };
  return (
    <fieldset className="flex gap-1">
      <legend className="sr-only">Form of the prompt</legend>
      <button type="button" className="btn" aria-pressed={!isText} onClick={() => isText && toChat()}>
        Chat
      </button>
      <button type="button" className="btn" aria-pressed={isText} onClick={() => !isText && toText()}>
        Text
      </button>
    </fieldset>
  );
}

function PromptFields({ definition, onChange, problem }: PromptProps) {
  return definition.template !== undefined ? (
    <TemplateField
      label="Template"
      value={definition.template}
      placeholder="Translate into {{language}}: {{text}}"
      problem={below(problem, 'template')?.message}
      onChange={(template) => onChange({ ...definition, template })}
    />
  ) : (
    <PromptParts
      parts={definition.messages ?? []}
      problem={below(problem, 'messages')}
      onChange={(messages) => onChange({ ...definition, messages })}
    />
  );
}

type DefinitionEditorProps = {
  definition: Definition;
  onChange: (definition: Definition) => void;
  /** What the server says of a member of it. */
  problem?: MemberProblem | undefined;
};

/** Edits what a version is: prompts in fields, whatever has no fields as JSON. Settings stand beside the prompt where there is room. */
export function DefinitionEditor({ definition, onChange, problem }: DefinitionEditorProps) {
  const id = useId();
  if (definition.flavor !== 'prompt' && definition.flavor !== 'base')
    return (
      <JsonField
        label="Definition"
        rows={8}
        value={definition}
        check={(value) =>
          isObject(value) && value.flavor === definition.flavor ? null : `Its flavor stays "${definition.flavor}".`
        }
        problem={problem}
        onChange={(value) => onChange(value as Definition)}
      />
    );
  const prompt = definition.flavor === 'prompt' ? { definition, onChange, problem } : null;
  return (
    <div className="@container">
      <div className="flex flex-col gap-2 @2xl:grid @2xl:grid-cols-[minmax(0,1.7fr)_minmax(0,1fr)] @2xl:gap-4">
        <div className="flex min-w-0 flex-col gap-2">
          <div className="flex flex-wrap items-center gap-2">
            <label htmlFor={id} className="text-sm font-medium">
              Base model
            </label>
            <span className="min-w-36 flex-1">
              <ModelInput
                id={id}
                value={definition.baseModel}
                onChange={(baseModel) => onChange({ ...definition, baseModel })}
              />
            </span>
            {prompt && <FormChoice {...prompt} />}
          </div>
          {prompt && <PromptFields {...prompt} />}
        </div>
        <div className="flex min-w-0 flex-col gap-2">
          <ParameterFields definition={definition} onChange={onChange} problem={problem} />
          {prompt && <Partials {...prompt} />}
        </div>
      </div>
    </div>
  );
}
