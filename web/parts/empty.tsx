import type { ReactNode } from 'react';
import { Snippet } from './copy-button.tsx';

type Way = { title: string; text: ReactNode; code: string };

/** An empty state that teaches: what this is, ways to make the first, and one button. */
export function Empty({
  heading,
  text,
  ways,
  children,
}: {
  heading: string;
  text: ReactNode;
  ways: Way[];
  children?: ReactNode;
}) {
  return (
    <div className="mx-auto flex w-full max-w-[640px] flex-col gap-4 px-4 py-8">
      <div>
        <h2 className="text-xl font-semibold">{heading}</h2>
        <p className="mt-1 text-text-2">{text}</p>
      </div>
      {ways.map((way) => (
        <section key={way.title} className="card p-3">
          <h3 className="font-semibold">{way.title}</h3>
          <p className="mb-2 text-text-2">{way.text}</p>
          <Snippet code={way.code} label={way.title} />
        </section>
      ))}
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </div>
  );
}
