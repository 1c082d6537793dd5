import type {
  ReviewAnswers,
  ReviewDraw,
  ReviewField,
  ReviewRule,
  ReviewState,
  ReviewTarget,
} from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

type JsonColumn<T> = ColumnType<T, string, string>;
type Time = ColumnType<Date, Date, Date>;

type ReviewQueues = {
  id: string;
  project_id: string;
  name: string;
  instructions: string;
  form: JsonColumn<ReviewField[]>;
  blind: boolean;
  overlap: number;
  draw: ColumnType<ReviewDraw | null, never, string>;
  rule: ColumnType<ReviewRule | null, never, string | null>;
  next_number: ColumnType<number, never, number>;
  created_by: string;
  created_at: GeneratedAlways<Date>;
};

type ReviewItems = {
  queue_id: string;
  number: number;
  target: JsonColumn<ReviewTarget>;
  target_key: string;
  trace_id: string | null;
  other_trace_id: string | null;
  reason: string | null;
  probability: number | null;
  state: ColumnType<ReviewState, never, ReviewState>;
};

type ReviewLabels = {
  queue_id: string;
  number: number;
  rater: string;
  decides: boolean;
  skipped: boolean;
  answers: JsonColumn<ReviewAnswers>;
  comment: string | null;
  seconds: number | null;
  at: Time;
};

type ReviewLeases = { queue_id: string; number: number; rater: string; since: Time; until: Time };

type FeedbackKeys = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  name: string;
  key: string;
  scores: string[];
  origins: string[];
  created_by: string;
  created_at: GeneratedAlways<Date>;
  revoked_at: ColumnType<Date | null, never, Date>;
};

export type ReviewTables = {
  review_queues: ReviewQueues;
  review_items: ReviewItems;
  review_labels: ReviewLabels;
  review_leases: ReviewLeases;
  feedback_keys: FeedbackKeys;
};
