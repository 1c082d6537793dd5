import { useMutation } from '@tanstack/react-query';
import { labelLines } from '@wheelhouse/sdk';
import { Download } from 'lucide-react';
import { useData } from '../../data/data-context.tsx';
import { plural } from '../../data/format.ts';
import { Menu } from '../../parts/menu.tsx';
import { useToast } from '../../parts/toast.tsx';

const types = { jsonl: 'application/x-ndjson', csv: 'text/csv' };

/** Labels as a file. */
export function ExportMenu({ queue }: { queue: string }) {
  const { client } = useData();
  const toast = useToast();
  const write = useMutation({
    mutationFn: async (format: 'jsonl' | 'csv') => {
      const lines: string[] = [];
      for await (const line of labelLines(client, queue, format)) lines.push(`${line}\n`);
      const href = URL.createObjectURL(new Blob(lines, { type: types[format] }));
      Object.assign(document.createElement('a'), { href, download: `${queue}.${format}` }).click();
      URL.revokeObjectURL(href);
      return format === 'csv' ? Math.max(0, lines.length - 1) : lines.length;
    },
    onSuccess: (labels) => toast(`✓ ${plural(labels, 'label')} written`),
    onError: (error) => toast(`✕ ${error.message}`),
  });
  return (
    <Menu
      trigger={
        <button type="button" className="btn" disabled={write.isPending}>
          <Download size={13} strokeWidth={1.75} aria-hidden="true" />
          {write.isPending ? 'Writing …' : 'Export'}
        </button>
      }
      items={[
        { label: 'Labels as JSON Lines', run: () => write.mutate('jsonl') },
        { label: 'Labels as CSV', run: () => write.mutate('csv') },
      ]}
    />
  );
}
