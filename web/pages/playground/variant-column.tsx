import { useQuery } from '@tanstack/react-query';
import { Copy, Save, X } from 'lucide-react';
import { useData } from '../../data/data-context.tsx';
import type { Definition } from '../../data/definitions.ts';
import type { Variant } from '../../data/playground-link.ts';
import { modelQuery } from '../../data/queries.ts';
import { DefinitionEditor } from '../../parts/definition-editor.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { variantOf } from './start.ts';

export const letterOf = (index: number): string => String.fromCharCode(65 + index);

type VariantColumnProps = {
  variant: Variant;
  index: number;
  /** Why it cannot be asked as it is. */
  error: Error | null;
  onChange: (variant: Variant) => void;
  onCopy: () => void;
  onSave: () => void;
  onRemove: (() => void) | null;
};

/** Takes another version of the same model as it is. */
function VersionChoice({ variant, index, onChange }: Pick<VariantColumnProps, 'variant' | 'index' | 'onChange'>) {
  const { client } = useData();
  const { name, version } = variant;
  const { data } = useQuery({ ...modelQuery(client, name ?? ''), enabled: name !== null });
  if (name === null) return <span className="text-text-2">new prompt</span>;
  const take = (number: number) => {
    const found = data?.versions.find((one) => one.number === number);
    if (found) onChange(variantOf({ name, version: found }));
  };
  return (
    <>
      <span className="mono min-w-0 truncate" title={name}>
        {name}
      </span>
      <select
        aria-label={`Version of ${letterOf(index)}`}
        className="field !min-h-6 !w-auto !py-0 text-sm"
        value={version ?? ''}
        onChange={(event) => take(Number(event.target.value))}
      >
        {version === null && <option value="">edited</option>}
        {(data?.versions.map(({ number }) => number) ?? (version === null ? [] : [version])).map((number) => (
          <option key={number} value={number}>
            v{number}
          </option>
        ))}
      </select>
    </>
  );
}

/** One thing that is tried: where it comes from, and all of it to edit. */
export function VariantColumn(props: VariantColumnProps) {
  const { variant, index, error, onChange, onCopy, onSave, onRemove } = props;
  const letter = letterOf(index);
  const edit = (definition: Definition) => onChange({ ...variant, definition, version: null });
  const isSaved = variant.version !== null;
  return (
    <section aria-label={`Variant ${letter}`} className="card flex min-h-0 min-w-0 flex-col overflow-hidden">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3 py-1.5">
        <span className="mono flex h-5 w-5 flex-none items-center justify-center rounded-1 bg-ink text-xs font-semibold text-ink-fg">
          {letter}
        </span>
        <VersionChoice variant={variant} index={index} onChange={onChange} />
        <span className="ml-auto flex items-center gap-1">
          <May call="createVersion">
            <button
              type="button"
              className="btn !min-h-6"
              disabled={isSaved}
              aria-label={`Save ${letter} as a version`}
              onClick={onSave}
            >
              <Save size={12} strokeWidth={1.75} aria-hidden="true" />
              Save
            </button>
          </May>
          <button
            type="button"
            className="btn btn-quiet !min-h-6 !w-6 !p-0"
            aria-label={`Copy ${letter} beside it`}
            title="Copy beside it"
            onClick={onCopy}
          >
            <Copy size={13} strokeWidth={1.75} />
          </button>
          {onRemove && (
            <button
              type="button"
              className="btn btn-quiet !min-h-6 !w-6 !p-0"
              aria-label={`Remove ${letter}`}
              onClick={onRemove}
            >
              <X size={13} strokeWidth={1.75} />
            </button>
          )}
        </span>
      </div>
      <div className="min-h-0 flex-1 p-3 lg:overflow-auto">
        {error && (
          <div className="mb-2">
            <ErrorText error={error} />
          </div>
        )}
        <DefinitionEditor definition={variant.definition} onChange={edit} />
      </div>
    </section>
  );
}
