import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useData } from '../data/data-context.tsx';
import { diffQuery } from '../data/registry-queries.ts';

/** A text in which names stand between backticks. */
export function Said({ text }: { text: string }) {
  return text.split('`').map((piece, i) =>
    i % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move.
      <span key={i} className="mono">
        {piece}
      </span>
    ) : (
      piece
    ),
  );
}

/** Why callers of what an alias is at may fail, before it is moved; an alias that is new breaks nobody. */
export function useBreaking(name: string, from: number | undefined, to: number): readonly string[] {
  const { client } = useData();
  const isMoved = from !== undefined && from !== to;
  const { data } = useQuery({ ...diffQuery(client, name, { from: from ?? to, to }), enabled: isMoved });
  return (isMoved && data?.changes.flatMap(({ breaking, text }) => (breaking ? [text] : []))) || [];
}

type CallersWarningProps = {
  /** Whose callers: `v3`, `@production`. */
  of: string;
  /** With what they may fail. */
  to: string;
  breaking: readonly string[];
  /** What to do about it. */
  children?: ReactNode;
};

/** What would break callers, where somebody may mean it all the same; nothing where they go on as they are. */
export function CallersWarning({ of, to, breaking, children }: CallersWarningProps) {
  if (breaking.length === 0) return null;
  return (
    <div role="alert" className="rounded-2 border border-bad bg-bad-bg px-3 py-2 text-bad">
      <p className="font-medium">
        ✕ Callers of {of} may fail with {to}:
      </p>
      <ul className="list-disc pl-5 text-sm">
        {breaking.map((text) => (
          <li key={text} className="break-words">
            <Said text={text} />
          </li>
        ))}
      </ul>
      {children}
    </div>
  );
}
