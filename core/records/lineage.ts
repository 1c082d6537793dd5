/**
 * Something that other things are made from or that made them, as one word: `trace:<id>`, `span:<trace>/<span>`,
 * `example:<dataset>/<id>`, `dataset:<name>@<version>`, `evaluation:<id>`, `version:<model>@<number>`, `alias:<model>@<alias>`.
 */
export type LineageRef = `${LineageKind}:${string}`;

export const lineageKinds = ['trace', 'span', 'example', 'dataset', 'evaluation', 'version', 'alias'] as const;
export type LineageKind = (typeof lineageKinds)[number];

/** The kind and what stands behind it; null when the text is no {@link LineageRef}. */
export function parseLineageRef(text: string): { kind: LineageKind; id: string } | null {
  const colon = text.indexOf(':');
  const kind = lineageKinds.find((known) => known === text.slice(0, Math.max(colon, 0)));
  const id = text.slice(colon + 1);
  return kind === undefined || id === '' || id.length > 300 ? null : { kind, id };
}
