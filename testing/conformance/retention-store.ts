import type { AuditStore, RetentionStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type KeepDays, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { retention: RetentionStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ann' };
const nobody = { project: 'no-such-project' as ProjectId, actor: 'ann' };

/** What every {@link RetentionStore} does. */
export function retentionStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`retention store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    it('keeps what a project says, until it says nothing again, each change with its audit row', async () => {
      const { retention } = world;
      const marker = await newestId(world.audit);
      const said: (KeepDays | null)[] = [30, 'forever', null];
      for (const keepDays of said) {
        await retention.setKeepDays(by, keepDays);
        expect(await retention.keepDays(project)).toBe(keepDays);
        expect(await retention.all()).toContainEqual({ project, keepDays });
      }
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, subject, detail }) => [action, subject, detail])).toEqual(
        said.map((keepDays, i) => [
          ...['project.keep', project],
          { before: { keepDays: said[i - 1] ?? null }, after: { keepDays } },
        ]),
      );
    });

    it('knows nothing of a project that is not there', async () => {
      expect(await world.retention.keepDays(nobody.project)).toBeNull();
      await expect(world.retention.setKeepDays(nobody, 1)).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
