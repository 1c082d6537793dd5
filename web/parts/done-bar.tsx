type DoneBarProps = {
  label: string;
  done: number;
  /** null: nobody knows yet. */
  total: number | null;
};

/** How far something is. */
export function DoneBar({ label, done, total }: DoneBarProps) {
  const share = total === null ? 1 : Math.min(1, done / Math.max(1, total));
  return (
    <div
      role="progressbar"
      aria-label={label}
      {...(total === null ? {} : { 'aria-valuenow': Math.min(done, total), 'aria-valuemax': total })}
      aria-valuemin={0}
      className="h-2 overflow-hidden rounded-1 bg-line"
    >
      <div className={`h-full ${total === null ? 'hatched' : 'bg-accent'}`} style={{ width: `${share * 100}%` }} />
    </div>
  );
}
