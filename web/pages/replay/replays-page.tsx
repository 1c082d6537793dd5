import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReplayBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, usd } from '../../data/format.ts';
import { commandAt, useHere } from '../../data/here.ts';
import { replaysQuery } from '../../data/replay-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { ReplayState } from './replay-state.tsx';

const route = getRouteApi('/releases/replays');

const cellsOf = (replay: ReplayBody): ReactNode[] => {
  const { id, model, alias, incumbent, candidate, inputs, repetitions, costNanoUsd, createdAt } = replay;
  return [
    <span key="name" className="block min-w-0">
      <Link to="/releases/replays/$replayId" params={{ replayId: id }} className="link break-words">
        {`${model}@${alias}`}
      </Link>
      <span className="block text-sm text-text-2">
        v{incumbent} → v{candidate}
      </span>
    </span>,
    <ReplayState key="state" replay={replay} />,
    <span key="inputs" className="mono">
      {count(inputs)} × {repetitions}
    </span>,
    <span key="cost" className="mono">
      {usd(costNanoUsd)}
    </span>,
    <span key="since" className="whitespace-nowrap text-text-2">
      {dateTime(createdAt)}
    </span>,
  ];
};

function NoReplays() {
  const { origin } = useHere();
  return (
    <Empty
      heading="No replays yet"
      text="A replay asks what an alias was asked last again, of its version and of a new one, and shows what would change for callers: answers, tools, fields, time and cost. Callers notice nothing."
      ways={[
        { title: 'In the browser', text: 'On a model’s page, “Release …”, then “Replay first”.' },
        {
          title: 'From a terminal',
          text: 'It says what it would cost, and asks, before it begins.',
          code: `${commandAt(origin)}wheelhouse release replay support-bot 2 --last 50`,
        },
      ]}
    />
  );
}

/** What was asked again before releases, newest first. */
export function ReplaysPage(): ReactNode {
  const { client } = useData();
  const { model } = route.useSearch();
  const query = useInfiniteQuery(replaysQuery(client, model === undefined ? {} : { model }));
  const rows = query.data?.pages.flatMap(({ data }) => data) ?? [];
  return (
    <>
      <PageHeader
        title="Replays"
        parent={
          <Link to="/releases" className="link">
            Releases
          </Link>
        }
      />
      <QueryState query={query} what="replays" />
      {query.data && rows.length === 0 && <NoReplays />}
      {rows.length > 0 && (
        <DataTable
          label="Replays"
          keysTitle="Replays"
          heads={['Replay', 'State', 'Inputs', 'Cost', 'Started']}
          right={[2, 3]}
          rows={rows.map((replay) => ({ key: replay.id, cells: cellsOf(replay) }))}
        />
      )}
      <ShowMore query={query} />
    </>
  );
}
