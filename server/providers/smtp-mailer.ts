import type { Mailer } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { SMTPSentMessageInfo, SMTPTransportOptions, Transporter } from 'nodemailer';

const ownMachine = /^(localhost|127\.[\d.]+|\[::1\])$/;

/**
 * Mail by the operator's server, over TLS wherever that server offers it; a password goes to no other machine without. The
 * library is loaded for the first message.
 */
export function createSmtpMailer({ url, from, domain }: { url: string; from: string; domain: string }): Mailer {
  const { hostname, password } = new URL(url);
  let opened: Promise<Transporter<SMTPSentMessageInfo, SMTPTransportOptions>> | null = null;
  async function open() {
    const { createTransport } = await import('nodemailer');
    const requireTLS = password !== '' && !ownMachine.test(hostname);
    return createTransport({ url, requireTLS, disableFileAccess: true, disableUrlAccess: true });
  }
  return {
    domain,
    async send({ atMs, ...mail }, { timeoutMs, signal }) {
      const ending = new AbortController();
      const stop = () => ending.abort(signal.reason);
      const late = () =>
        ending.abort(new WheelhouseError('upstream_timeout', `${hostname} took longer than ${timeoutMs / 1000} s.`));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      const timer = setTimeout(late, timeoutMs);
      try {
        opened ??= open();
        const sent = await (await opened).sendMail({
          ...{ ...mail, from, date: new Date(atMs), signal: ending.signal },
          // Nobody's notice of absence is for a machine (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { refused: sent.rejected };
      } catch (error) {
        throw ending.signal.aborted && ending.signal.reason instanceof Error ? ending.signal.reason : error;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
