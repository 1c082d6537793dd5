import type { Handlers, LineageBody } from '@wheelhouse/core/contract';
import type { Clock, LineageEdge, LineageStore, ModelTraffic } from '@wheelhouse/core/ports';
import {
  type LineageRef,
  lineageKinds,
  nanosToIso,
  type ProjectId,
  parseLineageRef,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type LineageDeps = {
  lineage: LineageStore;
  traffic: Pick<ModelTraffic, 'spansOf' | 'versionsIn'>;
  clock: Clock;
};

/** Of one thing, in one direction. */
const mostOfEach = 25;
const mostNodes = 300;
const trafficNs = 30n * 24n * 3_600_000_000_000n;

type Walk = { distances: Map<LineageRef, number>; edges: Map<string, LineageEdge>; more: boolean };

/** A span belongs to its trace. */
const traceOf = (ref: LineageRef): LineageEdge[] =>
  ref.startsWith('span:') ? [{ from: `trace:${ref.slice(5).split('/')[0]}`, to: ref }] : [];

/** Level by level, so that what is nearest is shown where not everything can be. */
async function follow(
  walk: Walk,
  { of, depth, sign }: { of: LineageRef; depth: number; sign: 1 | -1 },
  read: (refs: LineageRef[]) => Promise<LineageEdge[]>,
): Promise<void> {
  let frontier = [of];
  for (let step = 1; step <= depth && frontier.length > 0; step++) {
    const edges = await read(frontier);
    const next: LineageRef[] = [];
    const perNode = new Map<LineageRef, number>();
    for (const edge of edges) {
      const [near, far] = sign === 1 ? [edge.from, edge.to] : [edge.to, edge.from];
      const count = (perNode.get(near) ?? 0) + 1;
      perNode.set(near, count);
      const isNew = !walk.distances.has(far);
      if (count > mostOfEach || (isNew && walk.distances.size >= mostNodes)) {
        walk.more = true;
        continue;
      }
      walk.edges.set(`${edge.from} ${edge.to}`, edge);
      if (!isNew) continue;
      walk.distances.set(far, sign * step);
      next.push(far);
    }
    frontier = next;
  }
  if (frontier.length > 0 && (await read(frontier)).some(({ from, to }) => !walk.edges.has(`${from} ${to}`)))
    walk.more = true;
}

function readRef(text: string): LineageRef {
  if (parseLineageRef(text) !== null) return text as LineageRef;
  throw new WheelhouseError('invalid_request', `\`${text}\` names nothing that has a lineage.`, {
    param: 'of',
    hint: `Write a kind and an id, for example version:support-bot@2; kinds are ${lineageKinds.join(', ')}.`,
  });
}

/** What made something, and what was made from it, out of records and spans. */
export function createLineageHandlers({ lineage, traffic, clock }: LineageDeps): Handlers<'getLineage'> {
  async function nodesOf(project: ProjectId, { distances }: Walk): Promise<LineageBody['nodes']> {
    const refs = [...distances.keys()];
    const [known, tallies] = await Promise.all([
      lineage.known(project, refs),
      traffic.spansOf(project, refs, clock.now() - trafficNs),
    ]);
    return [...distances].flatMap(([ref, distance]) => {
      const parsed = parseLineageRef(ref);
      if (parsed === null) return [];
      const tally = tallies.get(ref);
      const { newest = null } = tally ?? {};
      return {
        ...{ ref, kind: parsed.kind, distance },
        // Spans and traces are not looked for: their contents may be gone while they still made something.
        known: parsed.kind === 'trace' || parsed.kind === 'span' || known.has(ref),
        spans: tally
          ? {
              count: tally.count,
              newest: newest && `span:${newest.traceId}/${newest.spanId}`,
              newestAt: newest && nanosToIso(newest.startNs),
            }
          : null,
      };
    });
  }

  return {
    async getLineage({ by: { project }, query }) {
      const of = readRef(query.of);
      const walk: Walk = { distances: new Map([[of, 0]]), edges: new Map(), more: false };
      await follow(walk, { of, depth: query.depth, sign: -1 }, async (refs) => {
        const [made, answered] = await Promise.all([
          lineage.above(project, refs, mostOfEach + 1),
          traffic.versionsIn(project, refs),
        ]);
        return [...refs.flatMap(traceOf), ...made, ...answered];
      });
      await follow(walk, { of, depth: query.depth, sign: 1 }, (refs) => lineage.below(project, refs, mostOfEach + 1));
      const nodes = await nodesOf(project, walk);
      if (nodes.length === 1 && walk.edges.size === 0 && nodes[0]?.known === false)
        throw new WheelhouseError('not_found', `There is no \`${of}\`.`, { param: 'of' });
      return { of, nodes, edges: [...walk.edges.values()], more: walk.more };
    },
  };
}
