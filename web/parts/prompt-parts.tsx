import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import type { PromptPart } from '../data/definitions.ts';
import { JsonField, type MemberProblem, mustBeList } from './json-field.tsx';
import { Menu } from './menu.tsx';

const roles = ['system', 'developer', 'user', 'assistant'] as const;
type Role = (typeof roles)[number];

/** A template, as tall as what is in it. */
export function TemplateField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  problem?: string | undefined;
}) {
  const { label, value, onChange, placeholder, problem } = props;
  return (
    <>
      <textarea
        aria-label={label}
        className="field mono leading-[18px]"
        rows={Math.min(14, Math.max(2, value.split('\n').length + Math.floor(value.length / 240)))}
        placeholder={placeholder}
        aria-invalid={problem !== undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      {problem !== undefined && (
        <span role="alert" className="text-sm break-words text-bad">
          ✕ {problem}
        </span>
      )}
    </>
  );
}

type PartProps = {
  part: PromptPart;
  /** From 1. */
  number: number;
  onChange: (part: PromptPart) => void;
  problem?: MemberProblem | undefined;
};

function PartBody({ part, number, onChange, problem }: PartProps) {
  const said = problem?.message;
  if ('placeholder' in part)
    return (
      <input
        aria-label={`Variable of message list ${number}`}
        className="field mono"
        required
        aria-invalid={said !== undefined}
        value={part.placeholder}
        onChange={(event) => onChange({ placeholder: event.target.value })}
      />
    );
  if ('include' in part)
    return (
      <input
        aria-label={`Included prompt ${number}`}
        className="field mono"
        required
        placeholder="house-rules@production"
        aria-invalid={said !== undefined}
        value={part.include}
        onChange={(event) => onChange({ include: event.target.value })}
      />
    );
  if ('examples' in part)
    return (
      <>
        <TemplateField
          label={`Question template of examples ${number}`}
          value={part.user}
          placeholder="{{question}}"
          onChange={(user) => onChange({ ...part, user })}
        />
        <JsonField
          label={`Examples ${number}`}
          quiet
          value={part.examples}
          check={mustBeList}
          problem={problem?.path[0] === 'examples' ? { ...problem, path: problem.path.slice(1) } : undefined}
          onChange={(value) => onChange({ ...part, examples: (value ?? []) as typeof part.examples })}
        />
      </>
    );
  if (typeof part.content !== 'string')
    return (
      <JsonField
        label={`Parts of message ${number}`}
        quiet
        value={part.content}
        check={mustBeList}
        problem={problem?.path[0] === 'content' ? { ...problem, path: problem.path.slice(1) } : undefined}
        onChange={(value) => onChange({ ...part, content: (value ?? '') as typeof part.content })}
      />
    );
  return (
    <TemplateField
      label={`Template of message ${number}`}
      value={part.content}
      placeholder="You answer for {{company}}."
      problem={said}
      onChange={(content) => onChange({ ...part, content })}
    />
  );
}

function PartTitle({ part, number, onChange }: PartProps) {
  if ('placeholder' in part) return <span className="text-sm text-text-2">messages of the caller’s variable</span>;
  if ('include' in part) return <span className="text-sm text-text-2">messages of another prompt</span>;
  if ('examples' in part) return <span className="text-sm text-text-2">examples, as question and answer</span>;
  return (
    <select
      aria-label={`Role of message ${number}`}
      className="field !min-h-6 !w-auto !py-0 text-sm"
      value={part.role}
      onChange={(event) => onChange({ ...part, role: event.target.value as Role })}
    >
      {roles.map((role) => (
        <option key={role}>{role}</option>
      ))}
    </select>
  );
}

const added: { label: string; part: PromptPart }[] = [
  { label: 'A message', part: { role: 'user', content: '' } },
  { label: 'Messages of a variable', part: { placeholder: 'history' } },
  { label: 'Messages of another prompt', part: { include: '' } },
  { label: 'Examples', part: { user: '{{question}}', examples: [{ input: { question: '…' }, output: '…' }] } },
  {
    label: 'An image',
    part: { role: 'user', content: [{ type: 'image_url', image_url: { url: '{{image}}' } }] },
  },
];

type PromptPartsProps = {
  parts: PromptPart[];
  onChange: (parts: PromptPart[]) => void;
  problem?: MemberProblem | undefined;
};

/** The messages of a prompt in order: templates, and what stands for messages. */
export function PromptParts({ parts, onChange, problem }: PromptPartsProps) {
  const swap = (i: number, j: number) => {
    const next = [...parts];
    const [a, b] = [parts[i], parts[j]];
    if (!a || !b) return;
    next[i] = b;
    next[j] = a;
    onChange(next);
  };
  const iconButton = 'btn btn-quiet !min-h-6 !w-6 !p-0';
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="sr-only">Messages</legend>
      {parts.map((part, i) => {
        const own = problem?.path[0] === String(i) ? { ...problem, path: problem.path.slice(1) } : undefined;
        const props = {
          part,
          number: i + 1,
          onChange: (next: PromptPart) => onChange(parts.map((one, j) => (j === i ? next : one))),
          problem: own,
        };
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: every field is controlled, so that a moved part brings its text.
          <div key={i} className="flex flex-col gap-1">
            <div className="flex items-center gap-1">
              <PartTitle {...props} />
              <span className="ml-auto flex">
                {i > 0 && (
                  <button
                    type="button"
                    className={iconButton}
                    aria-label={`Move message ${i + 1} up`}
                    onClick={() => swap(i, i - 1)}
                  >
                    <ArrowUp size={13} strokeWidth={1.75} />
                  </button>
                )}
                {i < parts.length - 1 && (
                  <button
                    type="button"
                    className={iconButton}
                    aria-label={`Move message ${i + 1} down`}
                    onClick={() => swap(i, i + 1)}
                  >
                    <ArrowDown size={13} strokeWidth={1.75} />
                  </button>
                )}
                <button
                  type="button"
                  className={iconButton}
                  aria-label={`Remove message ${i + 1}`}
                  onClick={() => onChange(parts.filter((_, j) => j !== i))}
                >
                  <X size={13} strokeWidth={1.75} />
                </button>
              </span>
            </div>
            <PartBody {...props} />
          </div>
        );
      })}
      <div>
        <Menu
          trigger={
            <button type="button" className="btn !min-h-6">
              <Plus size={12} strokeWidth={1.75} aria-hidden="true" />
              Add
            </button>
          }
          items={added.map(({ label, part }) => ({ label, run: () => onChange([...parts, part]) }))}
        />
      </div>
    </fieldset>
  );
}
