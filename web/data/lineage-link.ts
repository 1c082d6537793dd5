/** What a lineage reference says, and where it leads. */
export type LineagePlace = { kind: string; label: string; href: string | null };

/** Reads `trace:<id>`, `span:<trace>/<span>`, `version:<model>@<number>` and the like. */
export function lineagePlace(ref: string): LineagePlace {
  const colon = ref.indexOf(':');
  const [kind, id] = [ref.slice(0, colon), ref.slice(colon + 1)];
  const [name = '', version = ''] = id.split('@');
  const encoded = encodeURIComponent(name);
  switch (kind) {
    case 'trace':
      return { kind, label: id.slice(0, 8), href: `/traces/${id}` };
    case 'span': {
      const [trace = '', span = ''] = id.split('/');
      return { kind, label: span.slice(0, 8), href: `/traces/${trace}?span=${span}` };
    }
    case 'example': {
      const slash = id.indexOf('/');
      const dataset = slash < 0 ? id : id.slice(0, slash);
      return { kind, label: id, href: `/datasets/${encodeURIComponent(dataset)}` };
    }
    case 'dataset':
      return { kind, label: id, href: `/datasets/${encoded}${/^\d+$/.test(version) ? `?version=${version}` : ''}` };
    case 'evaluation':
      return { kind, label: id, href: `/experiments/${id}` };
    case 'optimization':
      return { kind, label: id, href: `/experiments/optimizations/${id}` };
    case 'version':
      return { kind, label: id, href: `/models/${encoded}?version=${version}` };
    case 'alias':
      return { kind, label: id, href: `/models/${encoded}?tab=aliases` };
    default:
      return { kind, label: id, href: null };
  }
}
