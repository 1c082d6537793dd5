import { Link } from '@tanstack/react-router';
import { WheelhouseApiError } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';

const isMissing = (error: unknown): boolean => error instanceof WheelhouseApiError && error.status === 404;

/** What a failed request says, in the server's words. */
export function ErrorText({ error }: { error: Error }) {
  return (
    <div role="alert" className="rounded-2 border border-bad bg-bad-bg px-3 py-2 text-bad">
      <p className="font-medium break-words">✕ {error.message}</p>
      {error instanceof WheelhouseApiError && error.hint && <p className="text-sm break-words">{error.hint}</p>}
    </div>
  );
}

/** In place of a page whose request failed. */
export function RequestError({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const signIn = error instanceof WheelhouseApiError && error.code === 'unauthorized';
  return (
    <div className="mx-auto flex w-full max-w-[560px] flex-col gap-3 p-6">
      <ErrorText error={error} />
      <div className="flex gap-2">
        <button type="button" className="btn" onClick={onRetry}>
          Retry
        </button>
        {signIn && (
          <a
            className="btn btn-primary"
            href={`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`}
          >
            Sign in
          </a>
        )}
      </div>
    </div>
  );
}

/** In place of a page that is not there; the children say how it may be found. */
export function NotFound({ what, children }: { what: string; children?: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-[560px] flex-col gap-3 p-6">
      <title>Not found · Wheelhouse</title>
      <h1 className="text-xl font-semibold break-words">404 · {what} is not here</h1>
      <p className="break-words text-text-2">
        {children ??
          'It may belong to another Wheelhouse or another data directory, or the link was cut short on its way.'}
      </p>
      <div>
        <Link to="/traces" className="btn btn-primary">
          Go to Traces
        </Link>
      </div>
    </div>
  );
}

type PageErrorProps = { error: Error; what: string; onRetry: () => void };

export function PageError({ error, what, onRetry }: PageErrorProps) {
  return isMissing(error) ? <NotFound what={what} /> : <RequestError error={error} onRetry={onRetry} />;
}

type QueryStateProps = {
  query: { isPending: boolean; data: unknown; error: Error | null; refetch: () => unknown };
  what: string;
};

/** In place of what was asked for, until it is there. */
export function QueryState({ query: { isPending, data, error, refetch }, what }: QueryStateProps) {
  if (isPending) return <Loading what={what} />;
  return error && !data ? <RequestError error={error} onRetry={() => void refetch()} /> : null;
}

export function Loading({ what }: { what: string }) {
  return (
    <p role="status" className="p-6 text-text-3">
      Loading {what} …
    </p>
  );
}
