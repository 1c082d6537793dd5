import type { Client } from '@wheelhouse/sdk';

/** A route, and a cache for what the pages' traffic asks. */
export const gatewayConfig = {
  routes: { fast: { targets: [{ model: 'sim/echo', weight: 3 }, { model: 'sim/rules' }], strategy: 'weighted' } },
  cache: { models: { 'sim/echo': { ttlSeconds: 3600 } } },
};

const ask = async (url: string, body: object, key?: string) => {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Do you ship to Norway?' }], max_tokens: 20, ...body }),
  });
  await answer.text();
};

/** Keys, a team, budgets, limits and calls, so that the pages below Settings have something to show. */
export async function seedGateway(url: string, client: Client): Promise<void> {
  const team = await client.call('createTeam', { body: { name: 'Support' } });
  const bot = await client.call('createKey', { body: { name: 'support-bot', team: team.id } });
  await client.call('createKey', { body: { name: 'notebooks', role: 'editor', days: 90 } });
  const old = await client.call('createKey', { body: { name: 'old-job' } });
  await client.call('revokeKey', { params: { keyId: old.id } });
  await client.call('addProviderKey', {
    params: { provider: 'openai' },
    body: { secret: 'sk-not-a-real-key-7f3a', label: 'team-a' },
  });
  await client.call('createPrice', {
    body: {
      provider: 'sim',
      model: 'echo',
      usdPerMillion: { inputUncached: '100', outputText: '100' },
      source: 'test',
    },
  });
  await client.call('createPrice', {
    body: { provider: 'sim', model: 'rules', usdPerMillion: { inputUncached: '1', outputText: '1' }, source: 'test' },
  });
  await client.call('setBudget', { body: { scope: 'project', usd: 500 } });
  await client.call('setBudget', { body: { scope: 'user', subject: '*', period: 'day', usd: 0.01, alertAt: 0.1 } });
  await client.call('setLimit', { body: { scope: 'key', subject: '*', requestsPerMinute: 600, parallelCalls: 20 } });
  for (const user of ['ada', 'barbara']) await ask(url, { model: 'sim/echo', user, temperature: 0 }, bot.secret);
  await ask(url, { model: 'sim/echo', user: 'ada', temperature: 0 }, bot.secret);
  await ask(url, { model: 'fast', user: 'grace' }, bot.secret);
}
