import { useQuery } from '@tanstack/react-query';
import type { TrackedRunBody } from '@wheelhouse/sdk';
import { Download, Folder } from 'lucide-react';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { trackedArtifactsQuery } from '../../data/tracking-queries.ts';
import { ErrorText } from '../../parts/request-state.tsx';

const bytesText = (bytes: number) =>
  bytes < 1024
    ? `${count(bytes)} B`
    : bytes < 1024 * 1024
      ? `${count(Math.round(bytes / 1024))} KB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** Files of a run, folder by folder. */
export function Artifacts({ run }: { run: Pick<TrackedRunBody, 'id' | 'artifactUri'> }) {
  const { client } = useData();
  const [folder, setFolder] = useState('');
  const query = useQuery(trackedArtifactsQuery(client, run.id, folder));
  if (!run.artifactUri.startsWith('mlflow-artifacts:'))
    return (
      <p className="break-words text-text-2">
        They are at <span className="mono">{run.artifactUri}</span>, where Wheelhouse does not read.
      </p>
    );
  return (
    <>
      {folder !== '' && (
        <p className="mb-1 flex min-w-0 items-center gap-2">
          <button
            type="button"
            className="btn !min-h-6"
            onClick={() => setFolder(folder.split('/').slice(0, -1).join('/'))}
          >
            ↑ up
          </button>
          <span className="mono min-w-0 truncate text-text-2">{folder}</span>
        </p>
      )}
      {query.error && <ErrorText error={query.error} />}
      {query.data?.length === 0 && <p className="text-text-3">No files.</p>}
      <ul aria-label="Artifacts" className="flex flex-col">
        {query.data?.map(({ path, name, bytes, href }) => (
          <li key={path} className="flex min-h-7 min-w-0 items-center gap-2 border-t border-line first:border-t-0">
            {href === null ? (
              <>
                <Folder size={13} strokeWidth={1.75} aria-hidden="true" className="flex-none text-text-3" />
                <button type="button" className="link min-h-6 min-w-0 truncate" onClick={() => setFolder(path)}>
                  {name}/
                </button>
              </>
            ) : (
              <>
                <Download size={13} strokeWidth={1.75} aria-hidden="true" className="flex-none text-text-3" />
                <a className="link min-w-0 truncate" href={href} download={name}>
                  {name}
                </a>
              </>
            )}
            {bytes !== null && <span className="mono ml-auto text-sm text-text-3">{bytesText(bytes)}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
