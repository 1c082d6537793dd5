import type { Content, Span, ToolCall } from './span.ts';

const jsonIn = (content: Content | null) => (content?.type === 'json' ? content.value : null);

/**
 * The call of a tool, whole: where one report named its arguments and another its result, what the call itself leaves out
 * is what went into the span or came out of it.
 */
export function wholeToolCall(span: Pick<Span, 'toolCall' | 'input' | 'output'>): ToolCall | null {
  const { toolCall, input, output } = span;
  if (toolCall === null) return null;
  return {
    ...toolCall,
    arguments: toolCall.arguments ?? jsonIn(input),
    result: toolCall.result ?? jsonIn(output),
  };
}
