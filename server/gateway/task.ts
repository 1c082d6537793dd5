import type { Dialect, Provider } from '@wheelhouse/core/ports';
import type { JsonObject } from '@wheelhouse/core/records';
import type { RouteTarget, Target } from '@wheelhouse/core/route';
import type { CopyRoom } from './answer-copy.ts';
import type { Stepped } from './stepped-task.ts';
import type { Tap } from './tap.ts';

/** One request for one target, and how its answer becomes the caller's. */
export type Outgoing = {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array | null;
  /** Instead of `body`, where the vendor takes one thing at a time: a request each, whose answers are one. */
  bodies?: readonly Uint8Array[];
  /** Whose words the vendor's answer and its failures are; null: nobody's that is known here. */
  dialect: Dialect | null;
  /** Whether content is waited for, event by event. */
  streamed: boolean;
  /** Whether the caller gets the vendor's own words, refusals too. */
  passes: boolean;
  /** Of an answer whose status is below 400. `streamed`: it comes as server-sent events. */
  tap(streamed: boolean, room: CopyRoom): Tap;
};

/** What is asked, whatever the endpoint was. */
export type Task = {
  /** As `gen_ai.operation.name` has it. */
  operation: 'chat' | 'text_completion' | 'generate_content' | 'embeddings' | 'count_tokens' | 'pass_through';
  target: Target;
  streamed: boolean;
  /** What it is about to take, at the most. */
  tokens: { input: number; output: number };
  /** The end user and the session that the body names. */
  user: string | null;
  session: string | null;
  metadata: JsonObject;
  /** What the span shows as asked. */
  asked: {
    dialect: Dialect | null;
    body: JsonObject;
    /** The same as JSON. */
    text: string;
    input: JsonObject | null;
  };
  /** The same for the version that only listens, where that is to be asked as well. */
  copy?: () => Task;
  /** Of a model that is no single call, which {@link compose} knows nothing of. */
  stepped?: Stepped;
  /** @throws WheelhouseError when this target cannot be asked this */
  compose(provider: Provider, target: RouteTarget): Outgoing;
};
