/** How much a vendor says is left of a key's rate limits. */
export type VendorLimits = {
  /** From 0 to 1: of the limit that is nearest to its end. */
  share: number;
  /** When that one is whole again; null: it does not say. */
  wholeAtMs: number | null;
};

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `6m0s`, `1h2m`, `20ms`, `1.5s`; a bare number is in seconds; otherwise a date. */
function resetAt(text: string | undefined, nowMs: number): number | null {
  if (text === undefined || text === '') return null;
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    // Some vendors give the second of the epoch instead of a wait.
    return seconds > 1e9 ? (seconds > 1e12 ? seconds : seconds * 1_000) : nowMs + seconds * 1_000;
  }
  if (/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) {
    let ms = 0;
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
      ms += Number(amount) * (units[unit ?? ''] ?? 0);
    return nowMs + ms;
  }
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

function shareOf(limit: string | undefined, remaining: string): number | null {
  if (limit === undefined) return null;
  const [whole, left] = [Number(limit), Number(remaining)];
  return whole > 0 && left >= 0 ? Math.min(1, left / whole) : null;
}

/** Names of the limits in each vendor's spelling: limit, remaining, reset. */
const spellings = [
  ['x-ratelimit-limit-requests', 'x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  ['x-ratelimit-limit-tokens', 'x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  [
    'anthropic-ratelimit-requests-limit',
    'anthropic-ratelimit-requests-remaining',
    'anthropic-ratelimit-requests-reset',
  ],
  ['anthropic-ratelimit-tokens-limit', 'anthropic-ratelimit-tokens-remaining', 'anthropic-ratelimit-tokens-reset'],
  ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'],
] as const;

/** Reads what OpenAI, Anthropic and those who answer like them say in their headers; null: nothing. */
export function readVendorLimits(headers: Record<string, string>, nowMs: number): VendorLimits | null {
  let nearest: VendorLimits | null = null;
  for (const [limit, remaining, reset] of spellings) {
    const left = headers[remaining];
    if (left === undefined) continue;
    const share = shareOf(headers[limit], left);
    if (share !== null && (nearest === null || share < nearest.share))
      nearest = { share, wholeAtMs: resetAt(headers[reset], nowMs) };
  }
  return nearest;
}
