const reasons = new Map([
  ['tool_call', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
]);

/** One spelling for what vendors and instrumentations spell differently; OpenAI's words where it has one. */
export function finishReason(reason: string): string {
  const plain = reason.toLowerCase().replaceAll('-', '_');
  return reasons.get(plain) ?? plain;
}
