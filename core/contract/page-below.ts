/**
 * A page of what is listed newest first: the id of its last item is the cursor below which the next one begins, and null
 * when there was less than asked for.
 */
export async function pageBelow<Item extends { id: string }, Shown>(
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  list: (page: { limit: number; before?: string }) => Promise<Item[]>,
  show: (item: Item) => Shown,
): Promise<{ data: Shown[]; next: string | null }> {
  const items = await list({ limit, ...(cursor !== undefined && { before: cursor }) });
  return { data: items.map(show), next: items.length === limit ? (items.at(-1)?.id ?? null) : null };
}
