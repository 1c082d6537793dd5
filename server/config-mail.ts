import { WheelhouseError } from '@wheelhouse/core/records';

/** The operator's mail server. */
export type MailConfig = {
  /** `smtp://` or `smtps://`, with a name and a password where it asks for them. */
  url: string;
  /** Whom messages come from: an address, or a name with an address in angle brackets. */
  from: string;
  /** Of that address. */
  domain: string;
};

const invalid = (message: string, hint: string) => new WheelhouseError('config_invalid', message, { hint });
const addressIn = /^(?:[^<>\r\n]*<([^\s<>@]+@[^\s<>@]+)>|([^\s<>@]+@[^\s<>@]+))$/;

/** The bare address of a sender. */
function addressOf(from: string): string | null {
  const [, named, bare] = addressIn.exec(from.trim()) ?? [];
  return named ?? bare ?? null;
}

/** @returns null where no mail server is named */
export function readMail(env: Record<string, string | undefined>): MailConfig | null {
  const { SMTP_URL: url, SMTP_FROM: from } = env;
  if (url === undefined && from === undefined) return null;
  if (
    url === undefined ||
    !URL.canParse(url) ||
    !/^smtps?:$/.test(new URL(url).protocol) ||
    new URL(url).hostname === ''
  )
    throw invalid('SMTP_URL is not an smtp:// or smtps:// URL.', 'Such as smtp://name:password@mail.example.com:587');
  const address = from === undefined ? null : addressOf(from);
  if (from === undefined || address === null)
    throw invalid('SMTP_FROM is not an e-mail address.', 'Such as Wheelhouse <alerts@example.com>');
  return { url, from, domain: address.slice(address.lastIndexOf('@') + 1) };
}
