import type { SmallRequest } from '../small-request.ts';
import type { Auth } from '../vendor.ts';
import { readAwsCredentials, signAws } from './aws-signature.ts';
import type { GoogleTokens } from './google-token.ts';

/** A request as it will be sent. Keys go into it and nowhere else. */
export type Outgoing = {
  method: string;
  host: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array | null;
};

export type AuthDeps = { google: GoogleTokens; request: SmallRequest; nowMs(): number };

/** Puts a key onto a request; a promise only where a token must be fetched first. */
export type Authenticate = (request: Outgoing, secret: string) => undefined | Promise<void>;

/** How keys of a vendor go onto its requests. `settings`: of the provider. */
export function createAuthenticate(auth: Auth, settings: Record<string, string>, deps: AuthDeps): Authenticate {
  switch (auth.type) {
    case 'none':
      return () => undefined;
    case 'bearer':
      return ({ headers }, secret) => bearer(headers, secret);
    case 'header':
      return ({ headers }, secret) => {
        headers[auth.name] = secret;
        return undefined;
      };
    case 'query':
      return (request, secret) => {
        const sign = request.path.includes('?') ? '&' : '?';
        request.path = `${request.path}${sign}${auth.name}=${encodeURIComponent(secret)}`;
        return undefined;
      };
    case 'aws':
      return (request, secret) => {
        const credentials = readAwsCredentials(secret);
        if (credentials === null) return bearer(request.headers, secret);
        const { region = '' } = settings;
        const signed = { ...request, region, service: auth.service, nowMs: deps.nowMs() };
        Object.assign(request.headers, signAws(signed, credentials));
        return undefined;
      };
    case 'google':
      return ({ headers }, secret) => {
        const token = deps.google.ready(secret);
        if (token !== null) return bearer(headers, token);
        return deps.google.fetch(secret).then((fetched) => bearer(headers, fetched));
      };
  }
}

export function bearer(headers: Record<string, string>, token: string): undefined {
  headers.authorization = `Bearer ${token}`;
}
