type Pair = { key: string; value: string };

/** Names and what they stand for. */
export function PairTable({ label, pairs }: { label: string; pairs: readonly Pair[] }) {
  if (pairs.length === 0) return <p className="text-text-3">None.</p>;
  return (
    <table aria-label={label} className="w-full table-fixed border-collapse text-left">
      <tbody>
        {pairs.map(({ key, value }) => (
          <tr key={key} className="border-t border-line first:border-t-0">
            <th scope="row" className="mono w-2/5 py-1 pr-3 align-top text-sm font-normal break-words text-text-2">
              {key}
            </th>
            <td className="mono py-1 align-top text-sm break-words whitespace-pre-wrap">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
