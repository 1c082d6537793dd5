import type { SpanSummaryBody } from '@wheelhouse/sdk';
import {
  ArrowDownWideNarrow,
  Bot,
  Boxes,
  CheckCheck,
  Circle,
  Link2,
  type LucideIcon,
  MessageSquare,
  Search,
  ShieldCheck,
  Wrench,
  Zap,
} from 'lucide-react';

type Kind = SpanSummaryBody['kind'];

const looks: Record<Kind, { icon: LucideIcon; color: string }> = {
  generation: { icon: MessageSquare, color: 'var(--k-llm)' },
  embedding: { icon: Boxes, color: 'var(--k-llm)' },
  tool: { icon: Wrench, color: 'var(--k-tool)' },
  agent: { icon: Bot, color: 'var(--k-agent)' },
  chain: { icon: Link2, color: 'var(--k-chain)' },
  retriever: { icon: Search, color: 'var(--k-retrieval)' },
  reranker: { icon: ArrowDownWideNarrow, color: 'var(--k-retrieval)' },
  guardrail: { icon: ShieldCheck, color: 'var(--k-eval)' },
  evaluator: { icon: CheckCheck, color: 'var(--k-eval)' },
  event: { icon: Zap, color: 'var(--k-chain)' },
  span: { icon: Circle, color: 'var(--k-chain)' },
};

export const kindColor = (kind: Kind): string => looks[kind].color;

export function KindIcon({ kind, size = 13 }: { kind: Kind; size?: number }) {
  const { icon: Icon, color } = looks[kind];
  return <Icon role="img" aria-label={kind} size={size} strokeWidth={1.75} style={{ color, flex: 'none' }} />;
}
