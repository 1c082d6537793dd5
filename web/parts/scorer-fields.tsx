import { scorerGroups } from '../data/scorer-choices.ts';
import { Field } from './field.tsx';

type ScorerFieldsProps = {
  scorers: string[];
  more: string;
  onScorers: (scorers: string[]) => void;
  onMore: (more: string) => void;
  /** All, unless said. */
  groups?: readonly Group[];
  /** A line with options, and what is said of such lines. */
  example?: string;
  hint?: string;
};

type Group = { title: string; scorers: readonly { name: string; text: string }[] };

/** How answers are judged: with a tick, or with options in a line of its own. */
export function ScorerFields({ scorers, more, onScorers, onMore, ...rest }: ScorerFieldsProps) {
  const groups: readonly Group[] = rest.groups ?? scorerGroups;
  const inOrder = groups.flatMap((group) => group.scorers.map(({ name }) => name));
  const toggle = (name: string) => onScorers(inOrder.filter((one) => scorers.includes(one) !== (one === name)));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">Scorers</legend>
      <div className="grid gap-x-6 rounded-2 border border-line p-3 sm:max-h-60 sm:grid-cols-2 sm:overflow-y-auto">
        {groups.map((group) => (
          <div key={group.title} className="mb-2 min-w-0">
            {groups.length > 1 && <div className="text-xs font-medium text-text-3">{group.title}</div>}
            {group.scorers.map(({ name, text }) => (
              <label key={name} className="flex min-h-6 items-baseline gap-2">
                <input
                  type="checkbox"
                  className="translate-y-0.5"
                  checked={scorers.includes(name)}
                  onChange={() => toggle(name)}
                />
                <span className="mono flex-none">{name}</span>
                <span className="min-w-0 text-sm text-text-3">{text}</span>
              </label>
            ))}
          </div>
        ))}
      </div>
      <Field label="With options, one in a line" hint={rest.hint ?? 'Judges and code too: name, then options as JSON.'}>
        {(id) => (
          <textarea
            id={id}
            className="field mono"
            rows={2}
            spellCheck={false}
            placeholder={rest.example ?? 'judge_reference {"model":"openai/gpt-4o-mini"}'}
            value={more}
            onChange={(event) => onMore(event.target.value)}
          />
        )}
      </Field>
    </fieldset>
  );
}
