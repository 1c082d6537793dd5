import { isJsonObject, type Json, type Letter } from '@wheelhouse/core/records';
import { isSecretName, redactJson, redactText } from './redact.ts';

const bearer = /\bBearer [\w.~+/-]{8,}=*/gi;
const vendorKey = /\bsk-(?=[\w-]*\d)[\w-]{20,}/g;
const redacted = '[redacted]';
const redactedText = (text: string) => redactText(text).replace(bearer, `Bearer ${redacted}`);

/** Attributes of OTLP are pairs of a key and a boxed value: by name, and texts by what stands in them. */
function redactPairs(value: Json): Json {
  if (typeof value === 'string') return redactedText(value);
  if (Array.isArray(value)) return value.map(redactPairs);
  if (!isJsonObject(value)) return value;
  if (typeof value.key === 'string' && isSecretName(value.key) && isJsonObject(value.value))
    return { ...value, value: { stringValue: redacted } };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactPairs(member)]));
}

function redactJsonText(text: string): string {
  try {
    const before = JSON.parse(text) as Json;
    const after = redactPairs(redactJson(before));
    // Printed anew only when it must be: numbers that JavaScript rounds stay as they came.
    return JSON.stringify(after) === JSON.stringify(before) ? text : JSON.stringify(after);
  } catch {
    return redactedText(text);
  }
}

/** Bytes of the same length, because in protobuf a length stands before each text. */
function redactBytes(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString('latin1');
  const stars = (secret: string) => '*'.repeat(secret.length);
  const clean = text.replace(bearer, stars).replace(vendorKey, stars);
  return clean === text ? body : Buffer.from(clean, 'latin1');
}

/** The body as text; null when it is none. */
export function letterText(body: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return text.includes('\u0000') ? null : text;
  } catch {
    return null;
  }
}

/** The letter's body without credentials. */
export function redactLetter({ body }: Letter): Uint8Array {
  const text = letterText(body);
  if (text === null) return redactBytes(body);
  const clean = redactJsonText(text);
  return clean === text ? body : Buffer.from(clean);
}
