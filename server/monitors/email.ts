import type { Email } from '@wheelhouse/core/ports';
import { type Batch, headOf, type Told, textOf } from './messages.ts';

const longestSubject = 150;

const html = (text: string) =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`).replace(/\r?\n/g, '<br>');

function subjectOf(told: readonly Told[]): string {
  const [first] = told;
  const all = told.length === 1 && first ? headOf(first) : `${told.length} alerts: ${told.map(headOf).join(' · ')}`;
  const subject = all.replace(/\s+/g, ' ');
  return subject.length <= longestSubject ? subject : `${subject.slice(0, longestSubject - 1)}…`;
}

const part = (one: Told, link: string) =>
  [
    `<h1 style="font-size:16px;margin:24px 0 4px">${html(headOf(one))}</h1>`,
    `<p style="margin:0 0 8px">${html(textOf(one))}</p>`,
    `<p style="margin:0"><a href="${html(link)}">See the traces</a></p>`,
  ].join('\n');

/**
 * One e-mail of all that is told, as text and as plain HTML. Its `Message-ID` is made of the batch, so that it is the same
 * through all attempts; mails about the same alert refer to the same thread.
 */
export function emailFor({ id, nowMs, told, linkOf }: Batch, { to, domain }: { to: string[]; domain: string }): Email {
  const text = told.map((one) => `${headOf(one)}\n${textOf(one)}\n${linkOf(one.alert)}\n`).join('\n');
  const body = told.map((one) => part(one, linkOf(one.alert))).join('\n');
  return {
    ...{ to, subject: subjectOf(told), text, atMs: nowMs, messageId: `<${id}@${domain}>` },
    references: told.map(({ alert }) => `<${alert.id}@${domain}>`).join(' '),
    html: `<!doctype html>\n<html><body style="font-family:sans-serif;font-size:14px;line-height:1.5">\n${body}\n</body></html>\n`,
  };
}
