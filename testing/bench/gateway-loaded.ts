import type { House } from './wheelhouse.ts';

const adminKey = 'bench-admin-key-0123456789abcdef';

/** Every call is looked up, and its answer kept. */
export const loadedConfig = { cache: { models: { 'gpt-4o-mini': { ttlSeconds: 60, anyTemperature: true } } } };
export const loadedEnv = { WHEELHOUSE_ADMIN_KEY: adminKey };

async function call<Answer>(house: House, method: 'POST' | 'PUT', path: string, body: object): Promise<Answer> {
  const response = await fetch(`${house.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** A key with a budget and limits that it does not reach, in a project with a budget of its own; what its calls send. */
export async function setLoaded(house: House): Promise<Record<string, string>> {
  const { id, secret } = await call<{ id: string; secret: string }>(house, 'POST', '/api/v1/keys', { name: 'bench' });
  const usd = 1_000_000;
  await call(house, 'PUT', '/api/v1/budgets', { scope: 'project', period: 'month', usd });
  await call(house, 'PUT', '/api/v1/budgets', { scope: 'key', subject: id, period: 'day', usd });
  const limits = { requestsPerMinute: 1e9, tokensPerMinute: 1e11, parallelCalls: 100_000 };
  await call(house, 'PUT', '/api/v1/limits', { scope: 'key', subject: id, ...limits });
  return { authorization: `Bearer ${secret}` };
}
