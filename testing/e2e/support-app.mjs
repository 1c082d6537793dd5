import { createInterface } from 'node:readline';
import OpenAI from 'openai';

// A support desk: for each line of users on standard input it asks for each of them, and passes on how they liked it.
const { APP_SERVER: server, APP_QUESTIONS } = process.env;
const questions = JSON.parse(APP_QUESTIONS ?? '[]');
const client = new OpenAI({ baseURL: `${server}/v1`, apiKey: 'anything', maxRetries: 0 });

/** What the button in the page of the desk comes to. */
async function press(traceId, liked) {
  const response = await fetch(`${server}/api/v1/scores`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ traceId, name: 'thumbs', value: liked }),
  });
  if (!response.ok) throw new Error(`A score was answered ${response.status}: ${await response.text()}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  let [asked, liked] = [0, 0];
  for (const user of JSON.parse(line)) {
    const question = questions[user % questions.length];
    const { data, response } = await client.chat.completions
      .create({
        model: 'support-bot@production',
        user: `user ${user}`,
        messages: [{ role: 'user', content: question }],
      })
      .withResponse();
    // A desk that only repeats what it was asked helps nobody.
    const helps = data.choices[0]?.message.content !== question;
    await press(response.headers.get('x-wheelhouse-trace-id'), helps);
    asked += 1;
    liked += helps ? 1 : 0;
  }
  console.log(JSON.stringify({ asked, liked }));
}
