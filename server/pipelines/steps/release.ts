import type { ReleaseBody, RequestBody } from '@wheelhouse/core/contract';
import { isCallersReady, madeBefore, type StepOutcome } from '@wheelhouse/core/watch';
import { type AtWork, isSince } from '../calls.ts';

type Work = AtWork<'release'>;

/** What the step started, before a kill as well. */
async function find({ call, by, run, at, own }: Work): Promise<string | null> {
  if (own.output.release !== undefined && !own.resumes) return own.output.release;
  const { model, alias } = run.definition;
  const { version } = madeBefore(run, at);
  const { data } = await call(by, 'listReleases', { query: { model, limit: 20 } });
  const isOwn = (one: ReleaseBody) => one.alias === alias && one.candidate === version && one.startedBy === by.actor;
  // One that ended badly is not taken up again: it starts another.
  const found = data.find((one) => isOwn(one) && (own.resumes ? one.state === 'running' : isSince(own, one.startedAt)));
  return found?.id ?? null;
}

/** Whoever said yes saw what breaks callers of the version that the run began with, and of no other. */
async function isMeant({ call, by, run, at }: Work): Promise<boolean> {
  if (!isCallersReady(run, at)) return false;
  const { model } = await call(by, 'getModel', { params: { name: run.definition.model } });
  return model.aliases.some(({ alias, version }) => alias === run.definition.alias && version === run.baseline);
}

async function start(work: Work): Promise<string> {
  const { call, by, run, at, step } = work;
  const { model, alias } = run.definition;
  const { share, sticky, risks, minimum, promotesItself, breaking, examples, steps, rails, allocation = null } = step;
  const body = {
    ...{ model, alias, candidate: madeBefore(run, at).version ?? 0, share, sticky, risks, minimum, promotesItself },
    breaking: breaking || (await isMeant(work)),
    ...(steps === null ? {} : { steps }),
    ...(rails === null ? {} : { rails }),
    ...{ examples, allocation, message: `Pipeline ${run.pipeline}, run ${run.number}` },
  };
  return (await call(by, 'startRelease', { body: body as RequestBody<'startRelease'> })).id;
}

/** The candidate on its way to the alias, until it has ended. */
export async function workOnRelease(work: Work): Promise<StepOutcome> {
  const release = (await find(work)) ?? (await start(work));
  const output = { release };
  const { release: now } = await work.call(work.by, 'getRelease', { params: { releaseId: release } });
  const reason = now.reason ?? '';
  if (now.state === 'promoted') return { kind: 'done', output, sentence: `It was promoted. ${reason}`.trim() };
  if (now.state === 'running') {
    const verdict = now.verdict?.sentence ?? 'Nothing was seen of it yet.';
    return { kind: 'waits', output, sentence: `It has ${Math.round(now.share * 100)} % of the traffic. ${verdict}` };
  }
  const what = now.state === 'rolled_back' ? 'It was rolled back.' : 'Somebody moved the alias.';
  return { kind: 'held_back', output, sentence: `${what} ${reason}`.trim() };
}

export async function stopRelease({ call, by, run, own }: Work): Promise<void> {
  const { release } = own.output;
  if (release === undefined) return;
  const { release: now } = await call(by, 'getRelease', { params: { releaseId: release } });
  const reason = `Run ${run.number} of pipeline ${run.pipeline} was stopped.`;
  if (now.state === 'running') await call(by, 'rollBackRelease', { params: { releaseId: release }, body: { reason } });
}
