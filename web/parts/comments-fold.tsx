import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { useData } from '../data/data-context.tsx';
import { count } from '../data/format.ts';
import { commentsAtOnce, commentsQuery } from '../data/registry-queries.ts';
import { Loading } from './request-state.tsx';
import { useShortcuts } from './shortcuts.tsx';

const Comments = lazy(async () => ({ default: (await import('./comments.tsx')).Comments }));

/** How many comments there are on what is selected, in one line that opens. @param on for example `example:golden/ex_1` */
export function CommentsFold({ on }: { on: string }) {
  const { client } = useData();
  const fold = useRef<HTMLDetailsElement>(null);
  const [open, setOpen] = useState(false);
  const { data } = useQuery(commentsQuery(client, on));
  const more = data?.length === commentsAtOnce ? '+' : '';
  const toggle = () => {
    if (!fold.current) return;
    fold.current.open = !fold.current.open;
    if (fold.current.open) fold.current.querySelector('summary')?.focus();
  };
  useShortcuts('Comments', [{ keys: 'm', label: 'open or fold', run: toggle }]);
  return (
    <details ref={fold} className="px-3 py-1" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-6 text-xs leading-6 font-medium text-text-3">
        Comments{data && ` (${count(data.length)}${more})`}
      </summary>
      {open && (
        <div className="max-w-[760px] pt-1 pb-2">
          <Suspense fallback={<Loading what="comments" />}>
            <Comments on={on} />
          </Suspense>
        </div>
      )}
    </details>
  );
}
