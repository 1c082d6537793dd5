import { newPanelDraft } from '../../data/panel-draft.ts';
import { AddToDashboard } from '../../parts/add-to-dashboard.tsx';
import { withoutTime } from './edit-filter.ts';

/** Puts the filter of the list on a dashboard, which has a time of its own. */
export const FilterToDashboard = ({ q, onClose }: { q: string; onClose: () => void }) => (
  <AddToDashboard draft={{ ...newPanelDraft, q: withoutTime(q) }} onClose={onClose} />
);
