import type { ReactNode } from 'react';
import { Snippet } from './copy-button.tsx';

export type Way = { title: string; text: ReactNode; code?: string };

type EmptyProps = {
  heading: string;
  /** One sentence: what this is. */
  text: ReactNode;
  /** How the first is made: here, from a terminal, from code. */
  ways: Way[];
  /** The button that makes the first here. */
  children?: ReactNode;
};

/** An empty state that teaches, and goes away by itself when the first one lands. */
export function Empty({ heading, text, ways, children }: EmptyProps) {
  return (
    <div className="mx-auto flex w-full max-w-[640px] flex-col gap-4 px-4 py-8">
      <div>
        <h2 className="text-xl font-semibold">{heading}</h2>
        <p className="mt-1 text-text-2">{text}</p>
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
      {ways.map((way) => (
        <div key={way.title} className="card p-3">
          <h3 className="font-semibold">{way.title}</h3>
          <p className="text-text-2">{way.text}</p>
          {way.code !== undefined && (
            <div className="mt-2">
              <Snippet code={way.code} label={way.title} />
            </div>
          )}
        </div>
      ))}
    </div>
  );
}
