import { X } from 'lucide-react';
import { useId } from 'react';
import type { ChatMessage } from '../../data/chat.ts';
import type { PlaygroundInput } from '../../data/playground-link.ts';
import { JsonField, mustBeList } from '../../parts/json-field.tsx';

export type Asked = { name: string; isText: boolean };

/** A conversation of one user message is written as text; a longer one as JSON. */
const onlyText = (messages: ChatMessage[]): string | null => {
  const [first, ...rest] = messages;
  if (first === undefined) return '';
  const isPlain = first.role === 'user' && typeof first.content === 'string' && Object.keys(first).length === 2;
  return rest.length === 0 && isPlain ? (first.content as string) : null;
};

function Text(props: {
  label: string;
  mono?: boolean;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
}) {
  const { value } = props;
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium break-words">
        {props.label}
      </label>
      <textarea
        id={id}
        className={`field ${props.mono ? 'mono' : ''}`}
        rows={Math.min(10, Math.max(1, value.split('\n').length + Math.floor(value.length / 40)))}
        placeholder={props.placeholder}
        value={value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}

type InputCellProps = {
  number: number;
  input: PlaygroundInput;
  asked: Asked[];
  onChange: (input: PlaygroundInput) => void;
  /** Where it is not the only one. */
  onRemove: (() => void) | null;
};

/** What all variants are asked in this row. */
export function InputCell({ number, input, asked, onChange, onRemove }: InputCellProps) {
  const { variables, messages } = input;
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = variables;
    onChange({ ...input, variables: value === undefined ? rest : { ...rest, [name]: value } });
  };
  const text = onlyText(messages);
  return (
    <fieldset className="card flex min-w-0 flex-col gap-2 p-3">
      <legend className="sr-only">Input {number}</legend>
      <div className="flex items-center">
        <span aria-hidden="true" className="text-xs font-medium text-text-3">
          Input {number}
        </span>
        {onRemove && (
          <button
            type="button"
            className="btn btn-quiet -my-1 ml-auto !min-h-6 !w-6 !p-0"
            aria-label={`Remove input ${number}`}
            onClick={onRemove}
          >
            <X size={13} strokeWidth={1.75} />
          </button>
        )}
      </div>
      {asked.map(({ name, isText }) => {
        const value = variables[name];
        return isText && (value === undefined || typeof value === 'string') ? (
          <Text key={name} label={name} mono value={value ?? ''} onChange={(next) => set(name, next)} />
        ) : (
          <JsonField key={name} label={name} rows={1} value={value} onChange={(next) => set(name, next)} />
        );
      })}
      {text !== null ? (
        <Text
          label="Message"
          value={text}
          placeholder={asked.length > 0 ? 'none' : 'Can I return a sale item after 30 days?'}
          onChange={(content) => onChange({ ...input, messages: content === '' ? [] : [{ role: 'user', content }] })}
        />
      ) : (
        <JsonField
          label="Messages"
          value={messages}
          check={mustBeList}
          onChange={(value) => onChange({ ...input, messages: (value ?? []) as ChatMessage[] })}
        />
      )}
    </fieldset>
  );
}
