import type { Handlers, ResponseBody } from '@wheelhouse/core/contract';
import { shareOf } from '@wheelhouse/core/dataset';
import { asksModels } from '@wheelhouse/core/eval';
import type { Clock, LabelDesk, OnlineStore, OnlineTelemetry } from '@wheelhouse/core/ports';
import {
  nanosToMs,
  type OnlineDraw,
  type OnlineEvaluation,
  type ProjectId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { correctedScore, drawLabels, type JudgedRow, judgeDoubt, labelsNeeded } from '@wheelhouse/core/stats';

export type OnlineCheckDeps = {
  online: Pick<OnlineStore, 'setDraw'>;
  telemetry: Pick<OnlineTelemetry, 'scored'>;
  desk: LabelDesk;
  clock: Clock;
  find(project: ProjectId, name: string): Promise<OnlineEvaluation>;
};

const mostScores = 20_000;
const dayMs = 86_400_000;
const suggested = 10;
/** Of the traces from the first drawn to the last that counts, so many are labelled. */
const leastLabelled = 0.95;

type Frame = { traceId: TraceId; value: number }[];
type Asked = { scorer?: string | undefined; queue?: string | undefined; days: number };

function scorerOf({ name, of, scorers }: OnlineEvaluation, asked: string | undefined) {
  if (of !== 'traces')
    throw new WheelhouseError('invalid_request', `\`${name}\` scores ${of.replace('_', '-')}.`, {
      hint: 'What people say corrects scores of whole traces.',
    });
  const found =
    asked === undefined
      ? (scorers.find(({ label }) => asksModels(label)) ?? scorers[0])
      : scorers.find((one) => one.name === asked);
  if (found) return found;
  throw new WheelhouseError('invalid_request', `\`${asked}\` is no scorer of \`${name}\`.`, {
    ...{ param: 'scorer', hint: `It has ${scorers.map((one) => one.name).join(', ')}.` },
  });
}

/** Every trace has its number for good, so that the order in which traces are drawn hangs on nothing that comes later. */
const drawn = ({ id }: OnlineEvaluation, frame: Frame, count: number) =>
  drawLabels(
    frame.map(({ traceId, value }) => ({ uniform: shareOf(`label ${id} ${traceId}`), doubt: judgeDoubt(value) })),
    count,
  ).flatMap(({ index, probability }) => {
    const row = frame[index];
    return row ? [{ ...row, probability }] : [];
  });

/** So many of the drawn, from the first on, are labelled but for a few. */
function labelledPrefix(ordered: Frame, said: Map<TraceId, number>): number {
  let [labelled, longest] = [0, 0];
  for (const [i, { traceId }] of ordered.entries()) {
    if (!said.has(traceId)) continue;
    labelled += 1;
    if (labelled >= leastLabelled * (i + 1)) longest = i + 1;
  }
  return longest;
}

/** What a scorer says of all, put right by what people say of some that were drawn. */
export function createCheckHandlers(deps: OnlineCheckDeps): Handlers<'checkOnlineEvaluation' | 'drawOnlineLabels'> {
  const { telemetry, desk, clock } = deps;

  /** The scores that were drawn from, or would be. */
  async function frameOf(project: ProjectId, online: OnlineEvaluation, asked: Asked & { anew?: boolean }) {
    const scorer = scorerOf(online, asked.scorer ?? (asked.anew ? undefined : online.draw?.scorer));
    const queue = asked.queue ?? online.draw?.queue ?? `check-${online.name}`;
    const before =
      online.draw?.scorer === scorer.name && online.draw.queue === queue && !asked.anew ? online.draw : null;
    const nowMs = Math.floor(nanosToMs(clock.now()));
    const isoAt = (ms: number) => new Date(ms).toISOString();
    const draw: OnlineDraw = before ?? {
      ...{ scorer: scorer.name, queue, since: isoAt(nowMs - asked.days * dayMs), until: isoAt(nowMs) },
    };
    const scored = await telemetry.scored(project, {
      ...{ name: scorer.name, label: scorer.label, limit: mostScores },
      ...{ sinceMs: Date.parse(draw.since), untilMs: Date.parse(draw.until) },
    });
    if (scored.some(({ value }) => value < 0 || value > 1))
      throw new WheelhouseError('invalid_request', `\`${scorer.name}\` is no score from 0 to 1.`, { param: 'scorer' });
    return { scorer, draw, isDrawn: before !== null, frame: scored };
  }

  return {
    async checkOnlineEvaluation({ by, params, query }): Promise<ResponseBody<'checkOnlineEvaluation'>> {
      const online = await deps.find(by.project, params.online);
      const { draw, isDrawn, frame } = await frameOf(by.project, online, query);
      const labels = await desk.read(by.project, draw.queue, query.field);
      const said = labels?.said ?? new Map<TraceId, number>();
      const ordered = drawn(online, frame, frame.length);
      const counted = new Map(
        drawn(online, frame, labelledPrefix(ordered, said)).map(({ traceId, probability }) => [traceId, probability]),
      );
      const rows = frame.map(({ traceId, value }): JudgedRow => {
        const [label, probability] = [said.get(traceId), counted.get(traceId)];
        const isLabelled = label !== undefined && probability !== undefined;
        return { judge: value, label: isLabelled ? { value: label, probability } : null };
      });
      const score = correctedScore(rows);
      const { spread: _, ...shown } = score;
      return {
        ...{ scorer: draw.scorer, queue: draw.queue, field: labels?.field ?? null },
        ...{ isDrawn, since: draw.since, until: draw.until },
        score: { ...shown, labelsWanted: labelsNeeded(score, query.within) },
        suggestions: ordered
          .filter(({ traceId }) => !said.has(traceId))
          .slice(0, suggested)
          .map(({ traceId, value }) => ({ traceId, value, isQueued: labels?.queued.has(traceId) ?? false })),
      };
    },

    async drawOnlineLabels({ by, params, body }) {
      const online = await deps.find(by.project, params.online);
      const { scorer, draw, frame } = await frameOf(by.project, online, body);
      if (frame.length === 0)
        throw new WheelhouseError('conflict', `\`${draw.scorer}\` has scored nothing that could be labelled.`, {
          hint: 'Wait for traces that fit, or score what came before.',
        });
      const queued = (await desk.read(by.project, draw.queue, undefined))?.queued ?? new Set<TraceId>();
      const ordered = drawn(online, frame, frame.length);
      let [count, fresh] = [0, 0];
      for (const { traceId } of ordered) {
        if (fresh === body.count) break;
        count += 1;
        if (!queued.has(traceId)) fresh += 1;
      }
      const items = drawn(online, frame, count).map(({ traceId, probability }) => ({
        ...{ traceId, probability, reason: `Drawn to check ${draw.scorer}.` },
      }));
      const instructions = `People's answers correct what \`${scorer.label.slice(0, 2_000)}\` says of all traces. Answer what it was asked.`;
      const added = await desk.add(by, { name: draw.queue, instructions }, items);
      await deps.online.setDraw(by, online.name, draw);
      return { queue: draw.queue, added };
    },
  };
}
