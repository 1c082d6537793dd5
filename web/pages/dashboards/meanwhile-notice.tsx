import type { DashboardBody } from '@wheelhouse/sdk';
import { dashboardChanges } from '../../data/dashboard-changes.ts';
import type { Meanwhile } from '../../data/dashboard-edits.ts';
import { dateTime } from '../../data/format.ts';
import { May } from '../../parts/may.tsx';

type MeanwhileNoticeProps = {
  mine: DashboardBody;
  meanwhile: Meanwhile;
  onTheirs: () => void;
  onAgain: () => void;
};

/** What somebody else kept since this was read; it is shown when one asks for it. */
export function MeanwhileNotice({ mine, meanwhile: { theirs }, onTheirs, onAgain }: MeanwhileNoticeProps) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-sunken px-4 py-1.5 text-text-2"
    >
      {theirs === null ? (
        <>
          <p className="min-w-0 break-words">
            ▲ Somebody deleted this dashboard. What you see is kept nowhere any more.
          </p>
          <May call="setDashboard">
            <button type="button" className="btn" onClick={onAgain}>
              Make it again
            </button>
          </May>
        </>
      ) : (
        <>
          <p className="min-w-0 break-words">
            ▲ {theirs.changedBy} changed this dashboard, {dateTime(theirs.changedAt)}: {dashboardChanges(mine, theirs)}.
            What you change next is done to theirs.
          </p>
          <button type="button" className="btn" onClick={onTheirs}>
            Show theirs
          </button>
        </>
      )}
    </div>
  );
}
