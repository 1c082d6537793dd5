/** What is said of an answer: `name` is the score's, `feedback` unless said. */
export type FeedbackOptions = { name?: string; comment?: string };

type Choice = [text: string, label: string, value: boolean | number];

/** So many words of a text are compared. */
const mostWords = 1_500;

/** The share of words that two texts have in common, in their order: 1 − edit distance ÷ words of the longer. */
function keptOf(before: string, after: string): number {
  const [a = [], b = []] = [before, after].map((text) => text.split(/\s+/).filter(Boolean).slice(0, mostWords));
  let row = b.map((_, j) => j + 1);
  a.forEach((word, i) => {
    let [left, corner] = [i + 1, i];
    row = row.map((above, j) => {
      left = Math.min(above + 1, left + 1, corner + (word === b[j] ? 0 : 1));
      corner = above;
      return left;
    });
  });
  return 1 - (row.at(-1) ?? a.length) / Math.max(a.length, b.length, 1);
}

/** A trace may be on its way still, and a server away for a moment. */
const waitsMs = [2_000, 15_000];

/**
 * Feedback of users, from a web page, about the answer that a trace recorded. `key` is a public one (`pk_…`) and may stand in
 * the page; the trace's id is in the header `x-wheelhouse-trace-id` of the gateway's answer.
 */
export function createFeedback({ server, key }: { server: string; key: string }) {
  /** Whether it was taken; a trace has one score of a name, the newest. */
  async function send(
    traceId: string,
    value: boolean | number,
    { name, comment }: FeedbackOptions = {},
  ): Promise<boolean> {
    // As plain text, so that the browser asks nobody whether it may.
    const body = JSON.stringify({ key, traceId, name, value, comment });
    for (const wait of [...waitsMs, 0]) {
      const status = await fetch(`${server}/api/v1/feedback`, { method: 'POST', body, keepalive: true }).then(
        (response) => response.status,
        () => 500,
      );
      if (status < 400) return true;
      if ((status !== 404 && status !== 429 && status < 500) || !wait) return false;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return false;
  }

  function choose(element: Element, traceId: string, choices: Choice[], options?: FeedbackOptions): void {
    const buttons = choices.map(([text, label, value]) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = text;
      button.ariaLabel = label;
      button.onclick = () => {
        for (const one of buttons) one.ariaPressed = String(one === button);
        send(traceId, value, options);
      };
      return button;
    });
    element.append(...buttons);
  }

  const sign = (name: string) => (traceId: string) => send(traceId, true, { name });

  return {
    send,
    /** The user copied the answer: score `copied`, true. */
    copied: sign('copied'),
    /** The user had the answer made again: score `regenerated`, true. */
    regenerated: sign('regenerated'),
    /** The user asked for a person: score `escalated`, true. */
    escalated: sign('escalated'),
    /** The user followed a link of the answer: score `source_clicked`, true, with the address as its comment. */
    sourceClicked: (traceId: string, url: string) => send(traceId, true, { name: 'source_clicked', comment: url }),
    /** The user changed the answer before using it: score `kept`, the share of its words that stayed, 0 to 1. */
    edited: (traceId: string, before: string, after: string) => send(traceId, keptOf(before, after), { name: 'kept' }),
    /** Puts two buttons into the element: true and false. */
    thumbs: (element: Element, traceId: string, options?: FeedbackOptions) =>
      choose(
        element,
        traceId,
        [
          ['👍', 'Good answer', true],
          ['👎', 'Bad answer', false],
        ],
        options,
      ),
    /** Puts five buttons into the element: 1 to 5. */
    stars: (element: Element, traceId: string, options?: FeedbackOptions) =>
      choose(
        element,
        traceId,
        [1, 2, 3, 4, 5].map((count) => ['★', `${count} of 5`, count]),
        options,
      ),
  };
}
