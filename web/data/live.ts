import { type LiveMessage, livePath } from '@wheelhouse/sdk';

export type LiveState = 'connecting' | 'live' | 'lost';

/** The server's stream of changes: one per tab. */
export type Live = {
  state(): LiveState;
  onState(listener: () => void): () => void;
  /** Messages arrive in batches, at most four a second, so that a busy server cannot make a page unreadable. */
  onMessages(listener: (messages: LiveMessage[]) => void): () => void;
  /** The stream was away: what it said meanwhile may be lost, so whoever shows data should read it again. */
  onReturn(listener: () => void): () => void;
};

const batchMs = 250;
const retryMs = 2000;

function listeners<Value>() {
  const all = new Set<(value: Value) => void>();
  return {
    add(listener: (value: Value) => void) {
      all.add(listener);
      return () => {
        all.delete(listener);
      };
    },
    tell(value: Value) {
      for (const listener of all) listener(value);
    },
  };
}

export function openLive(): Live {
  let state: LiveState = 'connecting';
  let waiting: LiveMessage[] = [];
  let wasLost = false;
  const states = listeners<void>();
  const messages = listeners<LiveMessage[]>();
  const returns = listeners<void>();

  const setState = (next: LiveState) => {
    if (next === state) return;
    state = next;
    states.tell();
  };
  const flush = () => {
    const batch = waiting;
    waiting = [];
    messages.tell(batch);
  };

  const connect = () => {
    const source = new EventSource(livePath);
    source.onopen = () => {
      setState('live');
      if (wasLost) returns.tell();
      wasLost = false;
    };
    source.onmessage = (event: MessageEvent<string>) => {
      if (waiting.length === 0) setTimeout(flush, batchMs);
      waiting.push(JSON.parse(event.data) as LiveMessage);
    };
    source.onerror = () => {
      setState('lost');
      wasLost = true;
      // The browser reconnects by itself unless the answer was refused.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, retryMs);
    };
  };
  connect();

  return { state: () => state, onState: states.add, onMessages: messages.add, onReturn: returns.add };
}
