import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, WheelhouseError } from '@wheelhouse/core/records';
import { authorize, type GuardOptions } from './guard.ts';

/**
 * Lets a request in, in somebody's name, or sends whoever opens a page to sign in. Answers at once for all that is known
 * here; what is not may have come to be at another replica a moment ago.
 */
export function createDoorman(guard: GuardOptions, hasSignIn: boolean) {
  /** null after a person has been sent to the sign-in page. */
  function admit(req: IncomingMessage, res: ServerResponse, path: string): Caller | Promise<Caller | null> {
    try {
      return authorize(req, guard);
    } catch (error) {
      if (!(error instanceof WheelhouseError) || error.code !== 'unauthorized') throw error;
      return lookAgain({ req, res, path }, error);
    }
  }

  async function lookAgain(
    { req, res, path }: { req: IncomingMessage; res: ServerResponse; path: string },
    refused: WheelhouseError,
  ): Promise<Caller | null> {
    if (await guard.gate.lookAgain()) return admit(req, res, path);
    const isPage =
      hasSignIn &&
      req.method === 'GET' &&
      !/^\/(?:api|v1|providers)\//.test(path) &&
      (req.headers.accept ?? '').includes('text/html');
    if (!isPage) throw refused;
    res.writeHead(302, { location: `/sign-in?next=${encodeURIComponent(req.url ?? '/')}` });
    res.end();
    return null;
  }

  return admit;
}
