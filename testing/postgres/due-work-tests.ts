import type { DueKind } from '@wheelhouse/core/ports';
import type { Postgres } from '@wheelhouse/server/stores/postgres/index';
import { describe, expect, it } from 'vitest';

type Claims = Record<DueKind, (nowMs: number) => Promise<number>>;

/** Of each kind, how much is claimed at a time. */
function claimsOf({ abuse, releases, issues, channels, monitors, online, pipelines }: Postgres): Claims {
  const some = { holdMs: 1_000_000, limit: 20 };
  return {
    abuse: async (nowMs) => (await abuse.claim(nowMs, some)).length,
    drafts: async () => (await releases.claimDrafts()).length,
    issues: async (nowMs) => (await issues.claim(nowMs, { ...some, startMs: 0 })).length,
    messages: async (nowMs) => ((await channels.claim(nowMs, some)) === null ? 0 : 1),
    monitors: async (nowMs) => (await monitors.claim(nowMs, some)).length,
    online: async (nowMs) => (await online.claim(nowMs, some)).length,
    pipelines: async (nowMs) => {
      const held = await pipelines.claimPipelines(nowMs, some);
      return held.length + (await pipelines.claimRuns(nowMs, some)).length;
    },
  };
}

/** Of what the checks of the stores before left behind, of each kind some. */
export function dueWorkTests(world: () => { postgres: Postgres }): void {
  describe('what is due', () => {
    it('is of a kind exactly as long as a claim is given some of it', async () => {
      const { postgres } = world();
      const nowMs = Date.now();
      const seen: DueKind[] = [];
      for (const [kind, claim] of Object.entries(claimsOf(postgres)) as [DueKind, Claims[DueKind]][])
        for (let isDue = true; isDue; ) {
          isDue = (await postgres.dueWork.due(nowMs)).includes(kind);
          const claimed = await claim(nowMs);
          expect({ kind, isGiven: claimed > 0 }).toEqual({ kind, isGiven: isDue });
          if (isDue) seen.push(kind);
        }
      expect([...new Set(seen)]).toEqual(
        expect.arrayContaining(['abuse', 'issues', 'monitors', 'online', 'pipelines']),
      );
      expect(await postgres.dueWork.due(nowMs)).toEqual([]);
    });
  });
}
