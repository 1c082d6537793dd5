import type { MonitorBody } from '@wheelhouse/sdk';
import { lineName, lineOf, mostLines, toggledLine } from '../../data/monitor-lines.ts';
import { LineSample } from '../../parts/line-sample.tsx';
import { lookOf } from '../overview/measures.ts';

/** So many groups are a button each; others are chosen from a list. */
const mostButtons = 10;

type LineChoiceProps = {
  monitor: MonitorBody;
  shown: readonly string[];
  onShown: (shown: string[]) => void;
};

/** Which groups have a line, and which line is whose: by its dashes, and by its name where the pointer is. */
export function LineChoice({ monitor: { by, groups }, shown, onShown }: LineChoiceProps) {
  const others = groups.map(lineOf).filter((line) => !shown.includes(line));
  const buttons = [...shown, ...others].slice(0, Math.max(shown.length, mostButtons));
  const listed = others.filter((line) => !buttons.includes(line));
  const isFull = shown.length >= mostLines;
  const stateOf = (line: string) => groups.find((group) => lineOf(group) === line)?.status;
  const toggle = (line: string) => {
    if (shown.includes(line) || !isFull) onShown(toggledLine(shown, line));
  };
  return (
    <fieldset className="flex flex-wrap items-center gap-1.5 text-xs">
      <legend className="sr-only">Each {by} that has a line</legend>
      {buttons.map((line) => {
        const at = shown.indexOf(line);
        const isWaiting = at < 0 && isFull;
        return (
          <button
            key={line}
            type="button"
            aria-pressed={at >= 0}
            aria-disabled={isWaiting}
            title={isWaiting ? `At most ${mostLines} lines: take one away first` : lineName(line)}
            className={`inline-flex min-h-6 max-w-56 items-center gap-1.5 rounded-1 border border-line px-1.5 ${at < 0 ? 'text-text-3' : 'bg-sunken font-medium'}`}
            onClick={() => toggle(line)}
          >
            {at >= 0 ? <LineSample {...lookOf(at)} /> : <span aria-hidden="true">+</span>}
            <span className="min-w-0 truncate">{lineName(line)}</span>
            {stateOf(line) === 'alert' && <span className="text-bad">alert</span>}
          </button>
        );
      })}
      {listed.length > 0 && !isFull && (
        <select
          aria-label={`Add a line of another ${by}`}
          className="field !min-h-6 !w-auto max-w-48"
          value=""
          onChange={({ target: { value } }) => toggle(listed[Number(value)] ?? '')}
        >
          <option value="">{listed.length} more …</option>
          {listed.map((line, i) => (
            <option key={line} value={i}>
              {lineName(line)}
            </option>
          ))}
        </select>
      )}
    </fieldset>
  );
}
