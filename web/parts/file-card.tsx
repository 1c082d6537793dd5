import { AudioLines, File, FileText, Image } from 'lucide-react';
import { useState } from 'react';
import { sizeText } from '../data/format.ts';
import { isShownPicture, type RecordedFile } from '../data/recorded-files.ts';

function iconOf(type: string) {
  if (type.startsWith('image/')) return Image;
  if (type.startsWith('audio/')) return AudioLines;
  return type.startsWith('text/') || type === 'application/pdf' ? FileText : File;
}

/** A picture is fetched when it comes in sight; what turns out to be none is a card like any other. */
function Thumbnail({ file, onFail }: { file: RecordedFile; onFail: () => void }) {
  return (
    <a href={file.url ?? ''} target="_blank" rel="noopener" className="block">
      <img
        src={file.url ?? ''}
        alt={file.name === '' ? 'Recorded with this trace' : file.name}
        loading="lazy"
        decoding="async"
        className="max-h-60 min-h-6 max-w-full rounded-1 object-contain"
        onError={onFail}
      />
    </a>
  );
}

/** Bytes that were recorded: what they are, how large, and where to get them. */
export function FileCard({ file }: { file: RecordedFile }) {
  const [failed, setFailed] = useState(false);
  const { name, type, bytes, url } = file;
  const Icon = iconOf(type);
  const shown = type === 'application/octet-stream' ? 'file' : type;
  return (
    <figure className="my-1 w-fit max-w-full rounded-2 border border-line bg-surface p-2">
      {isShownPicture(file) && !failed && <Thumbnail file={file} onFail={() => setFailed(true)} />}
      <figcaption className="flex flex-wrap items-center gap-x-2 text-sm">
        <Icon size={13} strokeWidth={1.75} aria-hidden="true" className="flex-none text-text-3" />
        {name !== '' && <span className="font-medium break-all">{name}</span>}
        <span className="text-text-2">
          {shown}
          {bytes !== null && ` · ${sizeText(bytes)}`}
        </span>
        {url === null ? (
          <span className="text-text-2">not kept</span>
        ) : (
          <a className="link flex min-h-6 items-center" href={url} download={name === '' ? true : name}>
            Download
            <span className="sr-only"> {name === '' ? shown : name}</span>
          </a>
        )}
      </figcaption>
    </figure>
  );
}
