import { jsonText } from './json-text.ts';
import type { Attributes, Context } from './otel-types.ts';

/** What is true of every span below: who it is for, and what it belongs to. */
export type Scope = {
  /** One conversation or task that spans several traces. */
  session?: string | undefined;
  /** The end user. */
  user?: string | undefined;
  /** Added to those of the scope around. */
  tags?: string[] | undefined;
  /** Over those of the scope around, by name. */
  metadata?: Record<string, unknown> | undefined;
};

const scopeKey = Symbol.for('wheelhouse.trace.scope');

const scopeIn = (context: Context): Scope | undefined => context.getValue(scopeKey) as Scope | undefined;

export function withScope(context: Context, inner: Scope): Context {
  const outer = scopeIn(context) ?? {};
  return context.setValue(scopeKey, {
    session: inner.session ?? outer.session,
    user: inner.user ?? outer.user,
    tags: [...new Set([...(outer.tags ?? []), ...(inner.tags ?? [])])],
    metadata: { ...outer.metadata, ...inner.metadata },
  } satisfies Scope);
}

export function scopeAttributes({ session, user, tags, metadata }: Scope): Attributes {
  const text = metadata && Object.keys(metadata).length > 0 ? jsonText(metadata) : null;
  return {
    ...(session ? { 'session.id': session } : {}),
    ...(user ? { 'user.id': user } : {}),
    ...(tags && tags.length > 0 ? { 'wheelhouse.tags': tags } : {}),
    ...(text === null ? {} : { 'wheelhouse.metadata': text }),
  };
}

/** Of the first context that has a scope: libraries that bring contexts of their own know nothing of ours. */
export const attributesFrom = (...contexts: Context[]): Attributes => {
  for (const context of contexts) {
    const scope = scopeIn(context);
    if (scope) return scopeAttributes(scope);
  }
  return {};
};
