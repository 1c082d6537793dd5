/** Who can read what it has signed or sealed. Anthropic's is good at every host of its models, Bedrock too. */
type Signer = 'anthropic' | 'gemini' | 'openai';

const marked = /^(?:anthropic|gemini|openai):/;

/**
 * Signatures and sealed reasoning stand in the normal form under the name of their maker, because a vendor refuses the
 * whole request for one that is not its own: a conversation may move to another vendor, and callers send back what they
 * got in whatever dialect they speak. Reading marks what is not marked yet.
 */
export const markSignature = (signer: Signer, text: string | null): string | null =>
  text === null || text === '' || marked.test(text) ? text || null : `${signer}:${text}`;

/** For the vendor: what it made itself; null for anything else, which it must not get. */
export const ownSignature = (signer: Signer, text: string | null): string | null =>
  text?.startsWith(`${signer}:`) ? text.slice(signer.length + 1) : null;

/** For the caller: as its own dialect has it, with the mark where another vendor made it, so that it can come back. */
export const shownSignature = (signer: Signer, text: string | null): string | null =>
  ownSignature(signer, text) ?? text;
