import type { ReleaseBody, ReleaseDetailBody } from '@wheelhouse/sdk';
import { dateTime, plural } from '../../data/format.ts';
import { percent, verdictKinds } from '../../data/release-words.ts';

type Event = ReleaseDetailBody['events'][number];
type Detail = Event['detail'];

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
const shareIn = (detail: unknown): string => {
  const share = (detail as { share?: unknown } | null | undefined)?.share;
  return typeof share === 'number' ? percent(share) : '?';
};

const marks: Record<Event['kind'], { glyph: string; look: string }> = {
  started: { glyph: '●', look: 'text-accent' },
  verdict: { glyph: '◆', look: 'text-text-2' },
  share: { glyph: '↗', look: 'text-vb' },
  promoted: { glyph: '▲', look: 'text-good' },
  rolled_back: { glyph: '▼', look: 'text-bad' },
  stopped: { glyph: '■', look: 'text-text-2' },
  examples: { glyph: '＋', look: 'text-text-2' },
};

function verdictText(detail: Detail, release: ReleaseBody): string {
  const kind = asText(detail.verdict);
  const words = verdictKinds(release);
  return kind in words ? words[kind as keyof typeof words].text : kind.replaceAll('_', ' ');
}

/** What happened, in a few words, and why. */
function said({ kind, detail }: Event, release: ReleaseBody): { what: string; why: string } {
  const { candidate, shadow } = release;
  switch (kind) {
    case 'started':
      return { what: `Started: v${candidate} ${shadow === null ? 'gets' : 'listens to'} ${shareIn(detail)}`, why: '' };
    case 'verdict':
      return { what: `Verdict: ${verdictText(detail, release)}`, why: asText(detail.sentence) };
    case 'share':
      return { what: `Share ${shareIn(detail.before)} → ${shareIn(detail.after)}`, why: asText(detail.reason) };
    case 'promoted':
      return { what: 'Promoted', why: asText(detail.reason) };
    case 'rolled_back':
      return { what: shadow === null ? 'Rolled back' : 'Ended', why: asText(detail.reason) };
    case 'stopped':
      return { what: 'Stopped', why: asText(detail.reason) };
    case 'examples':
      return {
        what: `${plural(Number(detail.rows) || 0, 'draft example')} in ${asText(detail.dataset)}`,
        why: '',
      };
  }
}

/** Every verdict that was news, and every change; newest first. */
export function History({ release, events }: { release: ReleaseBody; events: readonly Event[] }) {
  return (
    <section aria-label="History" className="px-4 py-3">
      <h2 className="mb-2 font-semibold">History</h2>
      <ol className="flex flex-col">
        {events.map((event) => {
          const { what, why } = said(event, release);
          const { glyph, look } = marks[event.kind];
          return (
            <li key={event.id} className="grid grid-cols-[16px_minmax(0,1fr)] gap-x-2 border-l border-line pb-3 pl-2">
              <span aria-hidden="true" className={look}>
                {glyph}
              </span>
              <div className="min-w-0">
                <p className="flex flex-wrap items-baseline gap-x-2">
                  <span className="font-medium">{what}</span>
                  <span className="text-xs text-text-3">
                    {dateTime(event.at)}, {event.by === `release ${release.id}` ? 'by itself' : event.by}
                  </span>
                </p>
                {why !== '' && <p className="text-sm break-words text-text-2">{why}</p>}
              </div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
