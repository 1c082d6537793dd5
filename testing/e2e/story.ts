import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../chromium/index.ts';
import { cleanEnvironment, makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const answers = {
  refund: 'You get your money back within 30 days.',
  delivery: 'Parcels take two days.',
  invoice: 'Invoices are below Orders.',
  warranty: 'Two years, with the receipt.',
};
type Topic = keyof typeof answers;
const topics = Object.keys(answers) as Topic[];
/** What users ask; they ask about everything alike. */
const asked = topics.flatMap((topic) => [
  { topic, question: `How does a ${topic} work?` },
  { topic, question: `Tell me about the ${topic}, please?` },
]);

const desk = (known: Topic[], tone: string) => ({
  flavor: 'prompt' as const,
  baseModel: 'sim/rules',
  messages: [
    {
      role: 'system' as const,
      content: [tone, ...known.map((topic) => `If asked about ${topic}, answer: ${answers[topic]}`)].join('\n'),
    },
  ],
});

/** An application that asks for users and tells how they liked the answers. */
export type App = { program: string; args: string[] };

function startApp({ program, args }: App, env: Record<string, string>) {
  const child = spawn(program, args, { env: cleanEnvironment(env), stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /** The users with these numbers ask, each once. */
    async serve(from: number, count: number): Promise<{ asked: number; liked: number }> {
      child.stdin.write(`${JSON.stringify(Array.from({ length: count }, (_, i) => from + i))}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`The application ended: ${said}`);
      return JSON.parse(value);
    },
    stop: () => child.stdin.end(),
  };
}

/** Where alerts arrive. */
async function openSink() {
  const alerts: { event: string; monitor: string; sentence: string }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      alerts.push(...(JSON.parse(text) as { data: { alerts: typeof alerts } }).data.alerts);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    alerts,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

const gate = 'exact >= baseline - 15pp';
const named = { name: 'support-bot' };
const golden = { name: 'support-golden' };

/** From a canary that is worse than its evaluation said, to a better version in production. */
export function tellStory(title: string, app: App): void {
  describe(title, () => {
    let folder: Awaited<ReturnType<typeof makeFolder>>;
    let sink: Awaited<ReturnType<typeof openSink>>;
    let house: Wheelhouse;
    let browser: Browser;
    let page: Page;
    let users: ReturnType<typeof startApp>;
    let seen = 0;
    let releaseId = '';

    beforeAll(async () => {
      [folder, sink, browser] = await Promise.all([makeFolder(), openSink(), launchChromium()]);
      house = await startWheelhouse({ folder: folder.path });
      page = await browser.newPage();
    });
    afterAll(async () => {
      users?.stop();
      await browser?.close();
      await house?.stop();
      await folder?.remove();
      sink?.close();
    });

    const publish = async (known: Topic[], message: string) => {
      const body = { definition: desk(known, message), message };
      return (await house.client.call('createVersion', { params: named, body })).number;
    };
    /** So many users more, whom nobody has seen before. */
    const serve = async (count: number) => {
      const served = await users.serve(seen, count);
      seen += count;
      return served;
    };
    const cli = (...args: string[]) => runCli(args, { env: { WHEELHOUSE_URL: house.url } });
    /** Exit code 0: the gate is held. */
    const evaluate = (version: number) => {
      const runs = ['--run', 'support-bot@3', '--run', `support-bot@${version}`];
      return cli('eval', 'support-golden', ...runs, '--scorers', 'exact', '--gate', gate);
    };
    const releaseNow = async () => (await house.client.call('getRelease', { params: { releaseId } })).release;
    const production = async () => {
      const { model } = await house.client.call('getModel', { params: named });
      return model.aliases.find(({ alias }) => alias === 'production')?.version;
    };
    /** Users ask until it is settled, and no longer than a day of them. */
    const serveUntil = async (settled: () => Promise<boolean>) => {
      while (seen < 3_000 && !(await settled())) await serve(40);
      await expect.poll(settled, { timeout: 60_000 }).toBe(true);
    };

    it('serves version 3, whose users, scores and money are watched', async () => {
      const { client } = house;
      const version = { definition: desk(['refund'], 'Be polite.') };
      await client.call('createModel', { body: { ...named, version } });
      await publish(['refund', 'delivery'], 'Knows deliveries');
      await publish(['refund', 'delivery', 'invoice'], 'Knows invoices');
      const production = { params: { ...named, alias: 'production' } };
      await client.call('moveAlias', { ...production, body: { version: 3 } });

      // What was thought of beforehand: refunds, and nothing else.
      await client.call('createDataset', { body: golden });
      const examples = Array.from({ length: 20 }, (_, i) => ({
        ...{ input: `Order ${i}: is a refund possible?`, expected: answers.refund },
      }));
      await client.call('addExamples', { params: golden, body: { examples } });
      await client.call('freezeDataset', { params: golden });
      await client.call('setAliasRule', { params: { alias: 'production' }, body: { role: 'editor', gates: [gate] } });

      await client.call('setOnlineEvaluation', {
        params: { online: 'answers' },
        body: { q: 'model:support-bot', scorers: [{ scorer: 'regex {"pattern":"[.]$"}', as: 'answered' }] },
      });
      await client.call('setChannel', { params: { channel: 'desk' }, body: { kind: 'webhook', url: sink.url } });
      const below = { kind: 'below' as const, value: 0.5 };
      await client.call('setMonitor', {
        params: { monitor: 'new-version' },
        body: {
          ...{ q: 'model:support-bot@4', measure: { kind: 'score', name: 'thumbs' }, rule: below },
          ...{ windowMinutes: 1, leastRows: 3, channels: ['desk'] },
        },
      });

      users = startApp(app, {
        ...{ APP_SERVER: house.url },
        APP_QUESTIONS: JSON.stringify(asked.map(({ question }) => question)),
      });
      // One topic of four is one that it does not know.
      expect(await serve(160)).toEqual({ asked: 160, liked: 120 });
      const scored = async () =>
        (await client.call('getOnlineEvaluation', { params: { online: 'answers' } })).total.scored;
      await expect.poll(scored, { timeout: 60_000 }).toBe(160);
    });

    it('lets a tenth of the users try version 4, which its evaluation found as good', async () => {
      expect(await publish(['refund'], 'Shorter')).toBe(4);
      const { code, stdout } = await evaluate(4);
      expect({ code, stdout }).toMatchObject({ code: 0 });

      await page.goto(`${house.url}/models/support-bot`);
      await page.getByRole('link', { name: 'Release …' }).click();
      const form = page.getByRole('dialog', { name: 'Start a release' });
      await form.getByText('It is rolled back by itself when it is worse').waitFor();
      await expect.poll(() => form.getByLabel('New version', { exact: true }).inputValue()).toBe('4');
      for (const rail of ['thumbs', 'answered']) await form.getByRole('checkbox', { name: rail }).waitFor();
      await form.getByLabel('Per cent', { exact: true }).fill('10');
      await form.getByLabel('Values of each rail').fill('10');
      await form.getByLabel('become draft examples of').selectOption(golden.name);
      await form.getByRole('button', { name: 'Start the release' }).click();
      await page.waitForURL(/\/releases\/rel_\w+$/);
      releaseId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect(await releaseNow()).toMatchObject({ incumbent: 3, candidate: 4, share: 0.1 });
    });

    it('rolls it back by itself, tells who watches, and keeps what failed as draft examples', async () => {
      await serveUntil(async () => (await releaseNow()).state !== 'running');
      // The page that was opened before, as it is now.
      await page.getByText('Rolled back: @production is at v3, as before.').waitFor({ timeout: 60_000 });
      await page.getByText(/^\d+ calls? that failed (is|are) in the draft of/).waitFor({ timeout: 60_000 });
      expect(await releaseNow()).toMatchObject({
        ...{ state: 'rolled_back', verdict: { verdict: 'roll_back' } },
        endedBy: `release ${releaseId}`,
      });
      expect(await production()).toBe(3);
      expect(await serve(16)).toEqual({ asked: 16, liked: 12 });
      const told = () => sink.alerts.filter(({ monitor }) => monitor === 'new-version');
      await expect.poll(() => told().length, { timeout: 90_000 }).toBeGreaterThan(0);
      expect(told()[0]).toMatchObject({ event: 'opened' });
    });

    it('takes what failed into the dataset, once a person has said what is right', async () => {
      await page.goto(`${house.url}/datasets/support-golden?tag=${releaseId}`);
      const rows = page.getByRole('grid', { name: 'Examples' }).getByRole('row');
      const { data } = await house.client.call('listExamples', { params: golden, query: { tag: releaseId } });
      expect(data.length).toBeGreaterThan(3);
      await expect.poll(() => rows.count()).toBe(data.length + 1);
      for (const { input } of data) {
        const topic = asked.find(({ question }) => question === input)?.topic;
        if (!topic) throw new Error(`Nobody asked ${JSON.stringify(input)}`);
        expect(topic).not.toBe('refund');
        await rows
          .filter({ hasText: String(input) })
          .getByRole('button', { name: 'Edit this example' })
          .click();
        const dialog = page.getByRole('dialog', { name: 'Edit example' });
        await dialog.getByLabel('Expected').fill(answers[topic]);
        await dialog.getByRole('button', { name: 'Save' }).click();
        await dialog.waitFor({ state: 'detached' });
      }
      await page.goto(`${house.url}/datasets/support-golden`);
      await page.getByRole('button', { name: 'Freeze v2' }).click();
      await page.getByText('Frozen as v2').waitFor();
    });

    it('knows by it that version 4 would not have done, and that version 5 does', async () => {
      expect((await evaluate(4)).code).not.toBe(0);
      expect(await publish(['refund', 'delivery', 'invoice', 'warranty'], 'Knows it all')).toBe(5);
      const { code, stdout } = await evaluate(5);
      expect({ code, stdout }).toMatchObject({ code: 0 });
    });

    it('promotes version 5, which users like better', async () => {
      const rails = [{ kind: 'quality' as const, name: 'thumbs', score: 'thumbs', effect: 0.2 }];
      const started = await house.client.call('startRelease', {
        body: { model: 'support-bot', candidate: 5, share: 0.5, minimum: 10, rails },
      });
      releaseId = started.id;
      await page.goto(`${house.url}/releases/${releaseId}`);
      await serveUntil(async () => (await releaseNow()).verdict?.verdict === 'promote');
      await page.getByRole('button', { name: 'Promote v5 …' }).click();
      const dialog = page.getByRole('dialog', { name: 'Promote v5' });
      await dialog.getByRole('button', { name: 'Promote v5' }).click();
      await page.getByText('Promoted: @production is at v5.').waitFor();
      expect(await production()).toBe(5);
      expect(await serve(16)).toEqual({ asked: 16, liked: 16 });
    });
  });
}
