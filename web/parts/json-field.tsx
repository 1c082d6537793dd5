import { useEffect, useId, useRef, useState } from 'react';
import { lineOf, readJson } from '../data/json-place.ts';

/** What a server says of a member. */
export type MemberProblem = { path: string[]; message: string };

type JsonFieldProps = {
  label: string;
  hint?: string | undefined;
  /** undefined: nothing is written. */
  value: unknown;
  onChange: (value: unknown) => void;
  /** Says why a value does not do; null: it does. */
  check?: (value: unknown) => string | null;
  /** Of the value, not of what holds it. */
  problem?: MemberProblem | undefined;
  placeholder?: string;
  rows?: number;
  /** The label is there for readers of screens alone. */
  quiet?: boolean;
};

const written = (value: unknown) => (value === undefined ? '' : JSON.stringify(value, null, 2));

/** A value as JSON. What is not, or not of the kind that is asked for, is told at its line, and keeps its form from being sent. */
export function JsonField(props: JsonFieldProps) {
  const { label, hint, value, onChange, check, problem, placeholder, rows = 3, quiet = false } = props;
  const [text, setText] = useState(() => written(value));
  const sent = useRef(written(value));
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const now = written(value);
  useEffect(() => {
    // Somebody else changed it.
    if (now === sent.current) return;
    sent.current = now;
    setText(now);
  }, [now]);
  const read = readJson(text);
  const wrong = 'problem' in read ? null : read.value === undefined ? null : (check?.(read.value) ?? null);
  const own =
    'problem' in read
      ? `Line ${read.problem.line}, column ${read.problem.column}: ${read.problem.message}`
      : wrong === null
        ? null
        : wrong;
  const said = own ?? (problem ? `Line ${lineOf(text, problem.path)}: ${problem.message}` : null);
  useEffect(() => box.current?.setCustomValidity(own === null ? '' : `${label}: ${own}`), [own, label]);
  const edit = (next: string) => {
    setText(next);
    const parsed = readJson(next);
    if ('problem' in parsed) return;
    if (parsed.value !== undefined && check && check(parsed.value) !== null) return;
    sent.current = written(parsed.value);
    onChange(parsed.value);
  };
  const lines = text.split('\n').length;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={quiet ? 'sr-only' : 'text-sm font-medium'}>
        {label}
      </label>
      <textarea
        ref={box}
        id={id}
        aria-describedby={said === null && hint === undefined ? undefined : `${id}-said`}
        className="field mono leading-[18px]"
        rows={Math.min(18, Math.max(rows, lines))}
        spellCheck={false}
        placeholder={placeholder}
        aria-invalid={said !== null}
        value={text}
        onChange={(event) => edit(event.target.value)}
      />
      {said !== null ? (
        <span id={`${id}-said`} role="alert" className="text-sm break-words text-bad">
          ✕ {said}
        </span>
      ) : (
        hint !== undefined && (
          <span id={`${id}-said`} className="text-sm text-text-3">
            {hint}
          </span>
        )
      )}
    </div>
  );
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const mustBeObject = (value: unknown): string | null => (isObject(value) ? null : 'It takes an object: { … }.');
export const mustBeList = (value: unknown): string | null => (Array.isArray(value) ? null : 'It takes a list: [ … ].');
