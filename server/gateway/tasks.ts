import { asksHostedTools } from '@wheelhouse/core/model';
import type { Dialect, Random, SchemaChecker } from '@wheelhouse/core/ports';
import { type JsonObject, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type ArmCaller, findVersion, type RouteTable, resolveTarget, type Target } from '@wheelhouse/core/route';
import { embeddingsTask } from './embeddings.ts';
import { type GenerateInput, generateTask } from './generate.ts';
import { whoOf } from './read-body.ts';
import type { Task } from './task.ts';

export type TaskDeps = {
  /** Of a project, from memory. */
  routes(project: ProjectId): RouteTable;
  checker: SchemaChecker;
  random: Random;
  /** Milliseconds since 1970. */
  nowMs(): number;
};

/** Endpoints that answer a conversation. */
export const conversations: Readonly<Record<string, Dialect>> = {
  '/v1/chat/completions': 'openai-chat',
  '/v1/completions': 'openai-completions',
  '/v1/responses': 'openai-responses',
  '/v1/messages': 'anthropic-messages',
};
export const embeddingsPath = '/v1/embeddings';

/** Turns requests into what a call carries out. */
export function createTasks(deps: TaskDeps) {
  const resolve = (project: ProjectId, ref: string): Target => resolveTarget(ref, deps.routes(project));

  /** Asked for where two versions share an alias alone, which nearly no call meets. */
  function callerOf({ who }: GenerateInput, body: JsonObject): ArmCaller | null {
    if (who === undefined) return null;
    const [said, own] = [who(), whoOf(body)];
    return {
      user: said.user ?? own.user,
      session: said.session ?? own.session,
      draw: () => said.draw ?? Buffer.from(deps.random.bytes(8)).toString('hex'),
      nowMs: deps.nowMs,
    };
  }

  /** @param target where it goes, when the request itself does not say so */
  function conversation(project: ProjectId, input: GenerateInput, target?: Target): Task {
    const task = generateTask(
      {
        context: { checker: deps.checker, find: (ref) => findVersion(ref, deps.routes(project)) },
        resolve: (ref, body) => target ?? resolveTarget(ref, deps.routes(project), () => callerOf(input, body)),
        seconds: () => Math.floor(deps.nowMs() / 1_000),
        newId: () => Buffer.from(deps.random.bytes(12)).toString('hex'),
      },
      input,
    );
    const { name, chosen } = task.target;
    if (name === null || chosen?.copyTo == null || asksHostedTools(task.asked.body)) return task;
    const ref = `${name}@${chosen.copyTo}`;
    const { who: _, headers, ...asked } = input;
    // What a vendor knows by a key of the caller's it would answer once.
    const { 'idempotency-key': __, ...own } = headers;
    return { ...task, copy: () => conversation(project, { ...asked, headers: own }, resolve(project, ref)) };
  }

  const embeddings = (project: ProjectId, text: string): Task => embeddingsTask(text, (ref) => resolve(project, ref));

  /** The JSON of a request to one of our endpoints that calls a model. */
  function atPath(project: ProjectId, path: string, text: string): Task {
    const dialect = conversations[path];
    const who = () => ({ user: null, session: null });
    if (dialect !== undefined) return conversation(project, { dialect, text, headers: {}, who });
    if (path === embeddingsPath) return embeddings(project, text);
    throw new WheelhouseError('not_found', `No model is called at ${path}.`);
  }

  return { resolve, conversation, embeddings, atPath };
}

export type Tasks = ReturnType<typeof createTasks>;
