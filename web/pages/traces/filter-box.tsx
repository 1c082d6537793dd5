import { useQuery } from '@tanstack/react-query';
import { type FilterProblem, parseFilter } from '@wheelhouse/core/query';
import { WheelhouseApiError } from '@wheelhouse/sdk';
import { ListFilter, X } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from 'react';
import { flushSync } from 'react-dom';
import { useData } from '../../data/data-context.tsx';
import { facetsQuery, scoreNamesQuery } from '../../data/trace-queries.ts';
import { type Completion, completeFilter, fieldAt } from './complete-filter.ts';

/** What is wrong and where, under the box. */
export function FilterError({ q, problem }: { q: string; problem: FilterProblem }) {
  const to = Math.max(problem.to, problem.from + 1);
  return (
    <div role="alert" className="border-b border-bad bg-bad-bg px-4 py-2">
      <p className="said mono whitespace-pre-wrap" aria-hidden="true">
        {q.slice(0, problem.from)}
        <span className="rounded-1 font-semibold text-bad underline decoration-wavy underline-offset-4">
          {q.slice(problem.from, to) || '␣'}
        </span>
        {q.slice(to)}
      </p>
      <p className="text-bad">
        ✕ {problem.message} <span className="text-text-2">{problem.hint}</span>
      </p>
    </div>
  );
}

/** The problem of a filter, found here, or by the server. */
export function problemOf(q: string, error: Error | null): FilterProblem | null {
  const parsed = parseFilter(q);
  if (!parsed.ok) return parsed.problem;
  const isOurs = error instanceof WheelhouseApiError && error.code === 'invalid_request' && q !== '';
  return isOurs ? { message: error.message, hint: error.hint, from: 0, to: q.length } : null;
}

function useCompletions(text: string, caret: number, open: boolean): Completion[] {
  const { client } = useData();
  const field = fieldAt(text, caret);
  const facets = useQuery({
    ...facetsQuery(client, { q: '', fields: field === null ? [] : [field], limit: 100 }),
    enabled: open && field !== null,
  });
  const scores = useQuery({ ...scoreNamesQuery(client), enabled: open && text.includes('score') });
  const values = facets.data?.facets.find((one) => one.field === field)?.values ?? [];
  return open ? completeFilter(text, caret, { values: values.map((one) => one.value), scores: scores.data ?? [] }) : [];
}

type OptionsProps = { id: string; options: Completion[]; at: number; onPick: (option: Completion) => void };

function Options({ id, options, at, onPick }: OptionsProps) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label="What can follow"
      tabIndex={-1}
      className="absolute top-full left-0 z-30 mt-1 max-h-[min(420px,60vh)] w-full min-w-72 overflow-auto rounded-2 border border-line bg-raised p-1 shadow-[var(--shadow)]"
    >
      {options.map((option, i) => (
        <div
          key={option.label}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === at}
          tabIndex={-1}
          className="flex min-h-7 cursor-pointer items-baseline gap-3 rounded-1 px-2 py-1 hover:bg-sunken aria-selected:bg-accent-bg"
          // Before the box loses the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(option);
          }}
        >
          <span className="mono max-w-full flex-none truncate">{option.label}</span>
          <span className="min-w-0 truncate text-sm text-text-3">{option.about}</span>
        </div>
      ))}
    </div>
  );
}

type FilterBoxProps = { box: RefObject<HTMLInputElement | null>; q: string; onChange: (q: string) => void };

/** The filter as one line of text; what can follow is offered while it is typed, Enter applies it. */
export function FilterBox({ box, q, onChange }: FilterBoxProps) {
  const id = useId();
  const [text, setText] = useState(q);
  const [caret, setCaret] = useState(q.length);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  // A space after what was applied is where one types on.
  useEffect(() => setText((now) => (now.trim() === q ? now : q)), [q]);
  const options = useCompletions(text, caret, open);
  const apply = (next: string) => {
    setOpen(false);
    if (next.trim() !== q) onChange(next.trim());
  };
  const type = (next: string, where: number) => {
    setText(next);
    setCaret(where);
    setAt(-1);
    setOpen(true);
  };
  const pick = (option: Completion) => {
    const next = `${text.slice(0, option.from)}${option.insert}${option.whole ? ' ' : ''}`;
    const rest = text.slice(option.to);
    // At once, so that what is typed next comes after it.
    flushSync(() => type(next + rest.trimStart(), next.length));
    box.current?.setSelectionRange(next.length, next.length);
    if (option.whole && rest.trim() === '') apply(next);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const option = options[at];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setAt(options.length === 0 ? -1 : (at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && option) {
      event.preventDefault();
      pick(option);
    } else if (event.key === 'Enter') {
      apply(text);
      event.currentTarget.blur();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (open && options.length > 0) setOpen(false);
      else event.currentTarget.blur();
    }
  };
  return (
    <search className="relative min-w-48 flex-1">
      <ListFilter
        size={13}
        strokeWidth={1.75}
        aria-hidden="true"
        className="pointer-events-none absolute top-2 left-2 text-text-3"
      />
      <input
        ref={box}
        type="text"
        role="combobox"
        aria-label="Filter"
        aria-expanded={options.length > 0}
        aria-controls={options.length > 0 ? id : undefined}
        aria-autocomplete="list"
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        aria-invalid={problemOf(q, null) !== null}
        placeholder="status:error model:gpt* cost>0.01 last:24h, or any words"
        className="field mono !pr-8 pl-7"
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        value={text}
        onChange={(event) => type(event.target.value, event.target.selectionStart ?? event.target.value.length)}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          apply(text);
        }}
        onKeyDown={onKeyDown}
      />
      {text !== '' && (
        <button
          type="button"
          className="btn btn-quiet btn-icon absolute top-0 right-0"
          aria-label="Clear the filter"
          onClick={() => {
            setText('');
            onChange('');
          }}
        >
          <X size={13} strokeWidth={1.75} />
        </button>
      )}
      {options.length > 0 && <Options id={id} options={options} at={at} onPick={pick} />}
    </search>
  );
}
