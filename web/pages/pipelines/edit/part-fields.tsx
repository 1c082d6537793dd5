import { useQuery } from '@tanstack/react-query';
import { useData } from '../../../data/data-context.tsx';
import { type FieldSpec, memberAt, type Part, withMember } from '../../../data/pipeline-draft.ts';
import { datasetsQuery } from '../../../data/queries.ts';
import { Field } from '../../../parts/field.tsx';

type OneProps = { spec: FieldSpec; part: Part; onPart: (part: Part) => void };

/** Lists of plain texts; others, such as scorers with options, are left to the text of the definition. */
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
const separators = { lines: { join: '\n', split: /\n/ }, names: { join: ', ', split: /,/ } } as const;

function ListField({ spec, part, onPart, as }: OneProps & { as: 'lines' | 'names' }) {
  const value = memberAt(part, spec.at);
  const { join, split } = separators[as];
  const set = (text: string) => onPart(withMember(part, spec.at, text.trim() === '' ? undefined : text.split(split)));
  const settle = () => {
    if (isTexts(value))
      onPart(
        withMember(
          part,
          spec.at,
          value.map((one) => one.trim()).filter((one) => one !== ''),
        ),
      );
  };
  if (value !== undefined && !isTexts(value))
    return (
      <div className="text-sm text-text-3">
        <span className="font-medium text-text-1">{spec.label}</span>: with options, in the text of the definition.
      </div>
    );
  const shared = { className: 'field mono', spellCheck: false, placeholder: spec.placeholder, onBlur: settle };
  const text = value?.join(join) ?? '';
  return (
    <Field label={spec.label} hint={spec.hint}>
      {(id) =>
        as === 'lines' ? (
          <textarea
            id={id}
            {...shared}
            rows={Math.max(2, (value?.length ?? 0) + 1)}
            value={text}
            onChange={(event) => set(event.target.value)}
          />
        ) : (
          <input id={id} {...shared} value={text} onChange={(event) => set(event.target.value)} />
        )
      }
    </Field>
  );
}

function DatasetField({ spec, part, onPart }: OneProps) {
  const { client } = useData();
  const names = (useQuery(datasetsQuery(client)).data ?? []).map(({ name }) => name);
  const value = String(memberAt(part, spec.at) ?? '');
  const known = value === '' || names.includes(value) ? names : [value, ...names];
  return (
    <Field label={spec.label} hint={spec.hint}>
      {(id) => (
        <select
          id={id}
          className="field"
          required={spec.required ?? false}
          value={value}
          onChange={(event) => onPart(withMember(part, spec.at, event.target.value || (spec.required ? '' : null)))}
        >
          <option value="">{spec.required ? 'choose one' : '–'}</option>
          {known.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Whole cents of a per cent, so that 0.1 is not 10.000000000000002. */
const asPercent = (share: unknown) => (typeof share === 'number' ? String(Number((share * 100).toFixed(4))) : '');

function InputField({ spec, part, onPart }: OneProps) {
  const value = memberAt(part, spec.at);
  const isNumber = spec.as === 'number' || spec.as === 'percent';
  const set = (text: string) => {
    if (!isNumber) return onPart(withMember(part, spec.at, text === '' && !spec.required ? null : text));
    const number = Number(text);
    onPart(withMember(part, spec.at, text === '' ? undefined : spec.as === 'percent' ? number / 100 : number));
  };
  return (
    <Field label={spec.label} hint={spec.hint}>
      {(id) => (
        <input
          id={id}
          className={isNumber ? 'field mono' : 'field'}
          type={isNumber ? 'number' : 'text'}
          step="any"
          required={spec.required ?? false}
          autoComplete="off"
          placeholder={spec.placeholder}
          value={spec.as === 'percent' ? asPercent(value) : String(value ?? '')}
          onChange={(event) => set(event.target.value)}
        />
      )}
    </Field>
  );
}

function OneField(props: OneProps) {
  const { spec, part, onPart } = props;
  const { as } = spec;
  if (as === 'lines' || as === 'names') return <ListField {...props} as={as} />;
  if (as === 'dataset') return <DatasetField {...props} />;
  if (as === 'yes')
    return (
      <label className="flex min-h-6 items-center gap-2">
        <input
          type="checkbox"
          checked={memberAt(part, spec.at) === true}
          onChange={(event) => onPart(withMember(part, spec.at, event.target.checked || undefined))}
        />
        {spec.label}
      </label>
    );
  if (typeof as === 'object')
    return (
      <Field label={spec.label} hint={spec.hint}>
        {(id) => (
          <select
            id={id}
            className="field"
            value={String(memberAt(part, spec.at) ?? Object.keys(as)[0])}
            onChange={(event) => onPart(withMember(part, spec.at, event.target.value))}
          >
            {Object.entries(as).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
    );
  return <InputField {...props} />;
}

type PartFieldsProps = { specs: readonly FieldSpec[]; part: Part; onPart: (part: Part) => void };

/** The members of a step or a trigger that have fields; all others stay as they are. */
export function PartFields({ specs, part, onPart }: PartFieldsProps) {
  if (specs.length === 0) return null;
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {specs.map((spec) => (
        <OneField key={spec.at} spec={spec} part={part} onPart={onPart} />
      ))}
    </div>
  );
}
