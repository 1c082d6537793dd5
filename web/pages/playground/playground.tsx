import { useQueries } from '@tanstack/react-query';
import { Play, Plus, Share2, Square } from 'lucide-react';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type Definition, type Signature, variablesOf } from '../../data/definitions.ts';
import { plural } from '../../data/format.ts';
import type { PlaygroundInput, PlaygroundState, Variant } from '../../data/playground-link.ts';
import { draftQuery } from '../../data/registry-queries.ts';
import { AddToDataset, type NewExample } from '../../parts/add-to-dataset.tsx';
import { Keys } from '../../parts/kbd.tsx';
import { May } from '../../parts/may.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { AnswerCell } from './answer-cell.tsx';
import { askVariant } from './ask-variant.ts';
import { type Asked, InputCell } from './input-row.tsx';
import { SaveVersion } from './save-version.tsx';
import { emptyState } from './start.ts';
import { useLink } from './use-link.ts';
import { type Cell, useRuns } from './use-runs.ts';
import { letterOf, VariantColumn } from './variant-column.tsx';

/** More columns than this are not compared by eye. */
const mostVariants = 6;

let lastKey = 0;
type Keyed<T> = { key: number; value: T };
const keyed = <T,>(value: T): Keyed<T> => ({ key: ++lastKey, value });

/** Two of the same that come to differ keep their answers by key. */
function useKeyed<T>(first: T[]) {
  const [items, setItems] = useState(() => first.map(keyed));
  return {
    items,
    values: items.map(({ value }) => value),
    change: (key: number, value: T) => setItems((all) => all.map((one) => (one.key === key ? { key, value } : one))),
    add: (value: T, after?: number) =>
      setItems((all) => {
        const at = after === undefined ? all.length : all.findIndex(({ key }) => key === after) + 1;
        return all.toSpliced(at, 0, keyed(value));
      }),
    remove: (key: number) => setItems((all) => (all.length > 1 ? all.filter((one) => one.key !== key) : all)),
  };
}

/** What each variant takes, as the server reads it, some time after typing stops. */
function useSignatures(variants: Variant[]): { signature: Signature | null; error: Error | null }[] {
  const { client } = useData();
  const [settled, setSettled] = useState<Definition[]>(() => variants.map(({ definition }) => definition));
  const now = JSON.stringify(variants.map(({ definition }) => definition));
  const shape = useDeferredValue(now);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(shape) as Definition[]), 300);
    return () => clearTimeout(timer);
  }, [shape]);
  return useQueries({
    queries: settled.map((definition) => draftQuery(client, definition)),
    combine: (results) => results.map(({ data, error }) => ({ signature: data ?? null, error })),
  });
}

/** The variables of all of them, and those that somebody wrote already. */
function askedBy(signatures: (Signature | null)[], inputs: PlaygroundInput[]): Asked[] {
  const asked = new Map<string, boolean>();
  for (const signature of signatures)
    for (const { name, isText } of signature ? variablesOf(signature.input) : [])
      asked.set(name, (asked.get(name) ?? true) && isText);
  for (const { variables } of inputs)
    for (const [name, value] of Object.entries(variables))
      if (!asked.has(name)) asked.set(name, typeof value === 'string');
  return [...asked].map(([name, isText]) => ({ name, isText }));
}

/** What evaluations take of it. */
const exampleOf = ({ variables, messages }: PlaygroundInput, cell: Cell): NewExample => ({
  input:
    messages.length === 0 && Object.keys(variables).length > 0
      ? variables
      : { messages, ...(Object.keys(variables).length > 0 ? { variables } : {}) },
  expected: cell.text,
  ...(cell.traceId === null ? {} : { metadata: { playground_trace: cell.traceId } }),
});

/** The prompts stay in sight above the answers. */
const stays = 'bg-bg lg:sticky lg:top-0 lg:z-10 lg:pt-3';

function Hint() {
  return (
    <div className={`hidden text-sm text-text-3 lg:block ${stays}`}>
      <p>Each input is asked of every variant. Templates read {'{{variables}}'}; a message follows the prompt.</p>
    </div>
  );
}

function AddInput({ onAdd }: { onAdd: () => void }) {
  return (
    <div>
      <button type="button" className="btn" onClick={onAdd}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        Input
      </button>
    </div>
  );
}

type ToolbarProps = {
  size: string;
  link: ReturnType<typeof useLink>;
  /** No other variant finds room. */
  full: boolean;
  running: boolean;
  onVariant: () => void;
  onRun: () => void;
  onStop: () => void;
};

function Toolbar({ size, link, full, running, onVariant, onRun, onStop }: ToolbarProps) {
  return (
    <div className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <span className="text-text-2">{size}</span>
      <span className="ml-auto flex flex-wrap items-center gap-2">
        {link.tooLong && <span className="text-sm text-warn">▲ too long for a link</span>}
        <button type="button" className="btn" disabled={link.tooLong} onClick={link.copy}>
          <Share2 size={13} strokeWidth={1.75} aria-hidden="true" />
          Share
        </button>
        <button
          type="button"
          className="btn"
          disabled={full}
          title={full ? `More than ${mostVariants} are too many for one look` : undefined}
          onClick={onVariant}
        >
          <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
          Variant
        </button>
        {running ? (
          <button type="button" className="btn btn-danger" onClick={onStop}>
            <Square size={12} strokeWidth={1.75} aria-hidden="true" />
            Stop
          </button>
        ) : (
          <May call="readDraft">
            <button type="button" className="btn btn-primary" onClick={onRun}>
              <Play size={13} strokeWidth={1.75} aria-hidden="true" />
              Run <Keys keys="$mod+Enter" />
            </button>
          </May>
        )}
      </span>
    </div>
  );
}

/** Several versions beside each other, asked the same: prompt, settings and answers in one view. */
export function Playground({ initial }: { initial: PlaygroundState }) {
  const { client } = useData();
  const form = useRef<HTMLFormElement>(null);
  const variants = useKeyed(initial.variants);
  const inputs = useKeyed(initial.inputs);
  const link = useLink({ variants: variants.values, inputs: inputs.values });
  const signatures = useSignatures(variants.values);
  const { cells, running, run, stop } = useRuns();
  const [saving, setSaving] = useState<number | null>(null);
  const [example, setExample] = useState<NewExample | null>(null);
  const asked = askedBy(
    signatures.map(({ signature }) => signature),
    inputs.values,
  );

  const start = () => {
    // What is not JSON says so at its place.
    if (!form.current?.reportValidity()) return;
    const tasks = inputs.items.flatMap((input) =>
      variants.items.map((variant, i) => ({
        key: `${variant.key} ${input.key}`,
        ask: askVariant(client, variant.value, {
          input: input.value,
          signature: variants.items.length === signatures.length ? (signatures[i]?.signature ?? null) : null,
        }),
      })),
    );
    void run(tasks);
  };
  useShortcuts('Playground', [
    { needs: 'readDraft', keys: '$mod+Enter', label: 'run', hint: true, always: true, run: start },
    ...(running ? [{ keys: 'Escape', label: 'stop', hint: true, always: true, run: stop }] : []),
  ]);
  const toSave = variants.items.find(({ key }) => key === saving);
  const columns = `minmax(200px, 260px) repeat(${variants.items.length}, minmax(320px, 1fr))`;
  const full = variants.items.length >= mostVariants;

  return (
    <>
      <form
        ref={form}
        aria-label="Playground"
        noValidate
        className="flex min-h-0 flex-1 flex-col max-lg:flex-none"
        onSubmit={(event) => event.preventDefault()}
      >
        <Toolbar
          size={`${plural(variants.items.length, 'variant')} × ${plural(inputs.items.length, 'input')}`}
          link={link}
          full={full}
          running={running}
          onVariant={() => variants.add(emptyState().variants[0] as Variant)}
          onRun={start}
          onStop={stop}
        />
        <section
          aria-label="Variants, inputs and answers"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
          tabIndex={0}
          className="min-h-0 flex-1 -outline-offset-2 lg:overflow-auto lg:[scroll-padding-top:min(50vh,500px)]"
        >
          <div
            className="flex flex-col gap-3 p-3 lg:grid lg:pt-0 lg:min-w-fit lg:items-stretch"
            style={{ gridTemplateColumns: columns }}
          >
            <Hint />
            {variants.items.map(({ key, value }, i) => (
              <div key={key} className={`flex min-w-0 flex-col lg:max-h-[min(48vh,480px)] ${stays}`}>
                <VariantColumn
                  variant={value}
                  index={i}
                  error={variants.items.length === signatures.length ? (signatures[i]?.error ?? null) : null}
                  onChange={(next) => variants.change(key, next)}
                  onCopy={() => !full && variants.add(value, key)}
                  onSave={() => setSaving(key)}
                  onRemove={variants.items.length > 1 ? () => variants.remove(key) : null}
                />
              </div>
            ))}
            {inputs.items.map((input, row) => (
              <div key={input.key} className="contents">
                <InputCell
                  number={row + 1}
                  input={input.value}
                  asked={asked}
                  onChange={(next) => inputs.change(input.key, next)}
                  onRemove={inputs.items.length > 1 ? () => inputs.remove(input.key) : null}
                />
                {variants.items.map(({ key }, i) => (
                  <AnswerCell
                    key={key}
                    label={`Answer of ${letterOf(i)} to input ${row + 1}`}
                    cell={cells.get(`${key} ${input.key}`)}
                    onAdd={(cell) => setExample(exampleOf(input.value, cell))}
                  />
                ))}
              </div>
            ))}
            <AddInput onAdd={() => inputs.add({ variables: {}, messages: [] })} />
          </div>
        </section>
      </form>
      {toSave && (
        <SaveVersion
          variant={toSave.value}
          onClose={() => setSaving(null)}
          onSaved={(saved) => {
            variants.change(toSave.key, saved);
            setSaving(null);
          }}
        />
      )}
      {example && <AddToDataset traceIds={[]} examples={[example]} onClose={() => setExample(null)} />}
    </>
  );
}
