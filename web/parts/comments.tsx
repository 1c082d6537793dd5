import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { CommentBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useMay, useMe } from '../data/access-queries.ts';
import { useData } from '../data/data-context.tsx';
import { dateTime } from '../data/format.ts';
import { commentsQuery } from '../data/registry-queries.ts';
import { Confirm } from './confirm.tsx';
import { May } from './may.tsx';
import { ErrorText, Loading } from './request-state.tsx';

const mention = /(@[\w.+-]+(?:@[\w.-]+)?)/;

/** Plain text, with whom it calls marked. */
function Said({ text }: { text: string }) {
  return (
    <p className="said whitespace-pre-wrap">
      {text.split(mention).map((piece, i) =>
        mention.test(piece) ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move.
          <span key={i} className="font-medium text-accent">
            {piece}
          </span>
        ) : (
          piece
        ),
      )}
    </p>
  );
}

function Comment({ comment, onRemove }: { comment: CommentBody; onRemove: (() => void) | null }) {
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-2 text-sm text-text-3">
        <span className="font-medium text-text">{comment.author}</span>
        <span>{dateTime(comment.createdAt)}</span>
        {comment.changedAt && <span>changed</span>}
        {onRemove && (
          <button type="button" className="btn btn-quiet ml-auto !min-h-6" onClick={onRemove}>
            Remove
          </button>
        )}
      </div>
      <Said text={comment.text} />
    </li>
  );
}

/** What people say of something, newest first. @param on as lineage writes it, for example `version:support-bot@2` */
export function Comments({ on }: { on: string }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const me = useMe();
  const may = useMay();
  const [text, setText] = useState('');
  const [removing, setRemoving] = useState<CommentBody | null>(null);
  const query = useQuery(commentsQuery(client, on));
  const add = useMutation({
    mutationFn: () => client.call('createComment', { body: { on, text } }),
    onSuccess: async () => {
      setText('');
      await queryClient.invalidateQueries({ queryKey: ['comments', on] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') add.mutate();
  };
  return (
    <section aria-label="Comments" className="flex flex-col gap-3">
      <May call="createComment">
        <form className="flex flex-col gap-2" onSubmit={submit}>
          <textarea
            aria-label="Comment"
            className="field"
            rows={2}
            placeholder="What should others know? @name calls somebody."
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit();
            }}
          />
          {add.error && <ErrorText error={add.error} />}
          <div>
            <button type="submit" className="btn" disabled={add.isPending || text.trim() === ''}>
              Comment
            </button>
          </div>
        </form>
      </May>
      {query.isPending && <Loading what="comments" />}
      {query.error && <ErrorText error={query.error} />}
      {query.data?.length === 0 && <p className="text-text-3">No comments yet.</p>}
      {query.data && query.data.length > 0 && (
        <ul className="card">
          {query.data.map((comment) => (
            <Comment
              key={comment.id}
              comment={comment}
              onRemove={comment.author === me?.actor || may('setAliasRule') ? () => setRemoving(comment) : null}
            />
          ))}
        </ul>
      )}
      {removing && (
        <Confirm
          title="Remove this comment?"
          action="Remove"
          done="Removed"
          run={() => client.call('removeComment', { params: { commentId: removing.id } })}
          changes={['comments']}
          onClose={() => setRemoving(null)}
        >
          “{removing.text.slice(0, 200)}”
        </Confirm>
      )}
    </section>
  );
}
