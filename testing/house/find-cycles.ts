import type { SourceFile } from './parse-source.ts';

/** Circles of imports that are there when the program loads: types are erased and `import()` comes later. One for each way back. */
export function findCycles(files: SourceFile[]): string[][] {
  const edges = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.filter((i) => !i.external && !i.typeOnly && !i.lazy).map(({ to }) => to),
    ]),
  );
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  const walk = (path: string) => {
    const from = trail.indexOf(path);
    if (from >= 0) cycles.push([...trail.slice(from), path]);
    if (from >= 0 || finished.has(path)) return;
    trail.push(path);
    for (const next of edges.get(path) ?? []) walk(next);
    trail.pop();
    finished.add(path);
  };
  for (const path of edges.keys()) walk(path);
  return cycles;
}
