import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

type Mail = { id: string | undefined; to: string[]; secure: boolean; user: string | undefined; text: string };

/** A mail server as others run them: it asks for TLS and a password, keeps what came, and takes it or does not. */
export async function openMailSink() {
  const received: Mail[] = [];
  const state = { isAway: false };
  const server = new SMTPServer({
    // It would warn of its own certificate.
    logger: false,
    onAuth: ({ username, password }, _, done) =>
      password === 'a password' ? done(null, { user: username }) : done(new Error('Wrong password')),
    onData(stream, { envelope, secure, user }, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      stream.on('end', () => {
        const id = /^Message-ID: (\S+)/im.exec(text)?.[1];
        received.push({ id, secure, user, to: envelope.rcptTo.map(({ address }) => address), text });
        done(state.isAway ? Object.assign(new Error('Try again later'), { responseCode: 451 }) : null);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    ...{ received, state },
    env: {
      // Its certificate is its own.
      SMTP_URL: `smtp://alerts:a%20password@127.0.0.1:${port}?tls.rejectUnauthorized=false`,
      SMTP_FROM: 'Wheelhouse <alerts@house.test>',
    },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
