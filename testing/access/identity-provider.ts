import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export type IdentityProvider = {
  issuer: string;
  /** From here on it knows its client, and signs everybody in as this person. */
  serve(options: { redirectUri: string; clientId: string; clientSecret: string }): void;
  as(person: { id: string; email: string; verified: boolean; name: string }): void;
  close(): Promise<void>;
};

/** A real OpenID Connect provider on a free port, whose pages press their own buttons. */
export async function startIdentityProvider(): Promise<IdentityProvider> {
  let handle: (req: IncomingMessage, res: ServerResponse) => void = (_, res) => void res.writeHead(503).end();
  let person = { id: 'nobody', email: '', verified: false, name: '' };
  const server = createServer((req, res) => handle(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    as(next) {
      person = next;
    },
    serve({ redirectUri, clientId, clientSecret }) {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: clientId,
            client_secret: clientSecret,
            redirect_uris: [redirectUri],
            token_endpoint_auth_method: 'client_secret_post',
          },
        ],
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
        cookies: { keys: ['a test, so that no key matters'] },
        findAccount: (_, id) => ({
          accountId: id,
          claims: () => ({ sub: id, email: person.email, email_verified: person.verified, name: person.name }),
        }),
      });
      const answer = provider.callback();
      async function interact(req: IncomingMessage, res: ServerResponse): Promise<void> {
        const { prompt, params, session } = await provider.interactionDetails(req, res);
        if (prompt.name === 'login') return provider.interactionFinished(req, res, { login: { accountId: person.id } });
        const grant = new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) });
        grant.addOIDCScope('openid email profile');
        return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } });
      }
      handle = (req, res) => {
        if (!req.url?.startsWith('/interaction/')) return void answer(req, res);
        interact(req, res).catch((error: unknown) => res.writeHead(500).end(String(error)));
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
