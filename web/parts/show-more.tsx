import type { ReactNode } from 'react';

type ShowMoreProps = {
  /** What is read a page at a time. */
  query: { hasNextPage: boolean; fetchNextPage: () => unknown };
  children?: ReactNode;
};

/** Below a list: reads its next page, where there is one. */
export function ShowMore({ query, children = 'Show older' }: ShowMoreProps) {
  if (!query.hasNextPage) return null;
  return (
    <div className="p-4">
      <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
        {children}
      </button>
    </div>
  );
}
