import type { Migration } from 'kysely';
import { records } from './0001-records.ts';
import { ledgerAndPrices } from './0002-ledger-and-prices.ts';
import { viewsAndDeletions } from './0003-views-and-deletions.ts';
import { access } from './0004-access.ts';
import { providers } from './0005-providers.ts';
import { control } from './0006-control.ts';
import { objects } from './0007-objects.ts';
import { erasing } from './0008-erasing.ts';
import { attachments } from './0009-attachments.ts';
import { removingProjects } from './0011-removing-projects.ts';
import { models } from './0012-models.ts';
import { modelHosts } from './0013-model-hosts.ts';
import { registry } from './0014-registry.ts';
import { evaluations } from './0015-evaluations.ts';
import { datasets } from './0016-datasets.ts';
import { review } from './0017-review.ts';
import { tracking } from './0018-tracking.ts';
import { reviewMore } from './0019-review-more.ts';
import { scorings } from './0020-scorings.ts';
import { pausingRules } from './0021-pausing-rules.ts';
import { optimizations } from './0022-optimizations.ts';
import { releases } from './0023-releases.ts';
import { monitors } from './0024-monitors.ts';
import { releaseDrafts } from './0025-release-drafts.ts';
import { online } from './0026-online.ts';
import { issues } from './0028-issues.ts';
import { pipelines } from './0029-pipelines.ts';
import { dashboards } from './0030-dashboards.ts';
import { abuse } from './0031-abuse.ts';
import { heardOfOptimizations } from './0033-heard-of-optimizations.ts';
import { monitorGroups } from './0034-monitor-groups.ts';
import { replaysAndBadScores } from './0035-replays-and-bad-scores.ts';

/** In the order of their names; a migration that was released never changes. */
export const migrations: Record<string, Migration> = {
  '0001-records': records,
  '0002-ledger-and-prices': ledgerAndPrices,
  '0003-views-and-deletions': viewsAndDeletions,
  '0004-access': access,
  '0005-providers': providers,
  '0006-control': control,
  '0007-objects': objects,
  '0008-erasing': erasing,
  '0009-attachments': attachments,
  '0011-removing-projects': removingProjects,
  '0012-models': models,
  '0013-model-hosts': modelHosts,
  '0014-registry': registry,
  '0015-evaluations': evaluations,
  '0016-datasets': datasets,
  '0017-review': review,
  '0018-tracking': tracking,
  '0019-review-more': reviewMore,
  '0020-scorings': scorings,
  '0021-pausing-rules': pausingRules,
  '0022-optimizations': optimizations,
  '0023-releases': releases,
  '0024-monitors': monitors,
  '0025-release-drafts': releaseDrafts,
  '0026-online': online,
  '0028-issues': issues,
  '0029-pipelines': pipelines,
  '0030-dashboards': dashboards,
  '0031-abuse': abuse,
  '0033-heard-of-optimizations': heardOfOptimizations,
  '0034-monitor-groups': monitorGroups,
  '0035-replays-and-bad-scores': replaysAndBadScores,
};
