import type { Identity } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Configuration } from 'openid-client';

export type OidcConfig = { issuer: string; clientId: string; clientSecret: string | null };

/** What the browser keeps while it is away at the provider of identities. */
export type OidcTrip = { state: string; nonce: string; verifier: string; next: string };

export type Oidc = {
  /** As the button says it. */
  title: string;
  begin(redirectUri: string, next: string): Promise<{ url: string; trip: OidcTrip }>;
  /**
   * @param url where the provider sent the browser, with all that it added
   * @throws WheelhouseError `unauthorized`
   */
  finish(url: URL, trip: OidcTrip): Promise<{ identity: Identity; email: string | null; name: string }>;
};

const scope = 'openid email profile';
const isLoopback = (host: string) => ['127.0.0.1', 'localhost', '[::1]'].includes(host);

const failed = (cause: unknown) =>
  new WheelhouseError('unauthorized', 'The provider of identities did not let you in.', {
    hint: 'Begin again at /sign-in. If it goes on, WHEELHOUSE_OIDC_ISSUER, _CLIENT_ID and _CLIENT_SECRET and the redirect address /sign-in/oidc/callback are to be checked.',
    cause,
  });

/** Sign-in at any OpenID Connect provider: authorization code with PKCE (RFC 7636), state and nonce. */
export function createOidc(config: OidcConfig): Oidc {
  let found: Promise<Configuration> | null = null;
  const library = () => import('openid-client');

  /** Asked once; asked again after a failure. */
  function discover(): Promise<Configuration> {
    found ??= (async () => {
      const client = await library();
      const issuer = new URL(config.issuer);
      const plain = issuer.protocol === 'http:' && isLoopback(issuer.hostname);
      return client.discovery(
        issuer,
        config.clientId,
        undefined,
        config.clientSecret === null ? client.None() : client.ClientSecretPost(config.clientSecret),
        plain ? { execute: [client.allowInsecureRequests] } : {},
      );
    })().catch((cause: unknown) => {
      found = null;
      throw failed(cause);
    });
    return found;
  }

  return {
    title: new URL(config.issuer).hostname,

    async begin(redirectUri, next) {
      const [client, provider] = [await library(), await discover()];
      const verifier = client.randomPKCECodeVerifier();
      const trip: OidcTrip = { state: client.randomState(), nonce: client.randomNonce(), verifier, next };
      const url = client.buildAuthorizationUrl(provider, {
        redirect_uri: redirectUri,
        scope,
        state: trip.state,
        nonce: trip.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, trip };
    },

    async finish(url, trip) {
      const [client, provider] = [await library(), await discover()];
      try {
        const tokens = await client.authorizationCodeGrant(provider, url, {
          pkceCodeVerifier: trip.verifier,
          expectedState: trip.state,
          expectedNonce: trip.nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) throw new Error('There is no ID token.');
        const told = provider.serverMetadata().userinfo_endpoint
          ? { ...(await client.fetchUserInfo(provider, tokens.access_token, claims.sub)), ...claims }
          : claims;
        const { email, email_verified: verified, name } = told;
        return {
          identity: { issuer: claims.iss, subject: claims.sub },
          email: typeof email === 'string' && verified === true ? email : null,
          name: typeof name === 'string' ? name : '',
        };
      } catch (cause) {
        throw failed(cause);
      }
    },
  };
}
