import { describe, expect, it } from 'vitest';
import { checkAppEnvironment } from './app-environment.ts';

const here = { openaiUrl: 'http://127.0.0.1:4400/v1', otlpUrl: 'http://127.0.0.1:4400', needsKey: false };
const check = (env: Record<string, string>, change = {}) => checkAppEnvironment(env, { ...here, ...change });

describe('the environment that an app would use', () => {
  it('says what to export where nothing is set', () => {
    expect(check({}).map(({ state, todo }) => [state, todo])).toEqual([
      ['warn', expect.stringMatching(/app starts.*\nexport OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:4400\/v1$/)],
      ['warn', 'Where the app starts:\nexport OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4400'],
    ]);
  });

  it('is content with both pointing here, by whatever name of this machine', () => {
    const env = { OPENAI_BASE_URL: 'http://localhost:4400/v1/', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4400/' };
    expect(check(env).map(({ state }) => state)).toEqual(['good', 'good']);
  });

  it('notices a base URL without its path', () => {
    expect(check({ OPENAI_BASE_URL: 'http://localhost:4400' })[0]?.text).toContain('The path is missing or wrong.');
  });

  it('wants the whole address where traces have an endpoint of their own', () => {
    const name = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT';
    expect(check({ [name]: 'http://localhost:4400' })[1]).toMatchObject({
      state: 'warn',
      todo: `Where the app starts:\nexport ${name}=http://127.0.0.1:4400/v1/traces`,
    });
    expect(check({ [name]: 'http://localhost:4400/v1/traces' })[1]?.state).toBe('good');
  });

  it('notices a protocol that is not spoken here, and a key that is not sent', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: here.otlpUrl };
    expect(check({ ...env, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })[1]?.todo).toContain('http/protobuf');
    expect(check(env, { needsKey: true })[1]?.text).toContain('carries no key');
    const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'x=1,authorization=Bearer%20k' };
    expect(check({ ...env, ...headers }, { needsKey: true })[1]?.state).toBe('good');
  });
});
