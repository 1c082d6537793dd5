import { useQuery } from '@tanstack/react-query';
import type { ResponseBody, ReviewQueueBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { raterAgreementQuery } from '../../data/review-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { Section } from './section.tsx';

type Fields = ResponseBody<'getRaterAgreement'>['fields'];
type Alpha = Fields[number]['alpha'];

const verdicts: Record<Alpha['verdict'], { tone: 'good' | 'warn' | 'bad' | 'mute'; text: string }> = {
  reliable: { tone: 'good', text: '✓ reliable' },
  tentative: { tone: 'warn', text: '▲ tentative' },
  unreliable: { tone: 'bad', text: '✕ unreliable' },
  unclear: { tone: 'mute', text: '? unclear' },
  too_few: { tone: 'mute', text: 'too few items' },
};

const written = (value: number) => value.toFixed(2).replace('-', '−');

/** A coefficient with its interval. */
function Coefficient({ of }: { of: Alpha | null }) {
  if (of === null || of.value === null) return <span className="text-text-3">–</span>;
  const { value, interval } = of;
  return (
    <span className="mono whitespace-nowrap">
      {written(value)}
      {interval && (
        <span className="text-text-3">
          {' '}
          {written(interval.low)} to {written(interval.high)}
        </span>
      )}
    </span>
  );
}

/** Whether people agree beyond chance, field by field. */
export function AgreementSection({ queue }: { queue: ReviewQueueBody }) {
  const { client } = useData();
  const { data, error } = useQuery(raterAgreementQuery(client, queue.name));
  if (error) return <ErrorText error={error} />;
  const compared = data?.fields.filter(({ alpha }) => alpha.units > 0) ?? [];
  return (
    <Section title="Do people agree?">
      {compared.length === 0 ? (
        <p className="text-text-2">
          {queue.overlap < 2
            ? 'Each item is labelled once here, so nobody can disagree. A queue with two labels or more of each item shows it.'
            : 'No item has two labels yet.'}
        </p>
      ) : (
        <DataTable
          label="Agreement"
          heads={['Field', 'Krippendorff’s alpha, 95 %', 'Verdict', 'Kappa, 95 %', 'Items', 'Disputed']}
          right={[4, 5]}
          rows={compared.map(({ field, alpha, kappa, disputed }) => ({
            key: field,
            cells: [
              <span key="field" className="mono">
                {field}
              </span>,
              <Coefficient key="alpha" of={alpha} />,
              <Pill key="verdict" tone={verdicts[alpha.verdict].tone}>
                {verdicts[alpha.verdict].text}
              </Pill>,
              <Coefficient key="kappa" of={kappa} />,
              <span key="units" className="mono">
                {count(alpha.units)}
              </span>,
              <span key="disputed" className="mono">
                {count(disputed)}
              </span>,
            ],
          }))}
        />
      )}
    </Section>
  );
}

/** Who labels, how much and how fast. */
export function RatersSection({ queue }: { queue: ReviewQueueBody }) {
  const { client } = useData();
  const raters = useQuery(raterAgreementQuery(client, queue.name)).data?.raters ?? [];
  return (
    <Section title="Who labels">
      {raters.length === 0 ? (
        <p className="text-text-2">Nobody has yet.</p>
      ) : (
        <DataTable
          label="People"
          heads={['Who', 'Labels', 'Skipped', 'An item takes']}
          right={[1, 2, 3]}
          rows={raters.map(({ rater, labels, skipped, seconds }) => ({
            key: rater,
            cells: [
              <span key="rater">{rater}</span>,
              <span key="labels" className="mono">
                {count(labels)}
              </span>,
              <span key="skipped" className="mono">
                {count(skipped)}
              </span>,
              <span key="seconds" className="mono">
                {seconds === null ? '–' : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`}
              </span>,
            ],
          }))}
        />
      )}
    </Section>
  );
}
