type LineSampleProps = { color: string; dash?: string | undefined; thin?: boolean | undefined };

/** A piece of a line, as long as it takes to tell its dashes from others. */
export function LineSample({ color, dash, thin = false }: LineSampleProps) {
  return (
    <svg width="24" height="4" aria-hidden="true" className="flex-none">
      <line x1={0} x2={24} y1={2} y2={2} stroke={color} strokeWidth={thin ? 1 : 2} strokeDasharray={dash} />
    </svg>
  );
}
