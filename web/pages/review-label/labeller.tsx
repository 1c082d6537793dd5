import type { ReviewQueueBody, ShownReviewItemBody } from '@wheelhouse/sdk';
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { asText } from '../../data/format.ts';
import type { ReviewField } from '../../data/review-queries.ts';
import { ErrorText } from '../../parts/request-state.tsx';
import { type Shortcut, useShortcuts } from '../../parts/shortcuts.tsx';
import { AnswerForm } from './answer-form.tsx';
import { type Answer, type Answers, answersToSend, chosenBy, missingField, nextField, optionsOf } from './answers.ts';
import { ItemView } from './item-view.tsx';
import type { Labelling } from './use-labelling.ts';

type LabellerProps = {
  labelling: Labelling;
  queue: ReviewQueueBody;
  item: ShownReviewItemBody;
  me: string | undefined;
};

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];

/** What whoever looks said before, to be changed. */
function ownLabel({ labels }: ShownReviewItemBody, me: string | undefined, decides: boolean) {
  return labels.find((label) => (decides ? label.decides : !label.decides && label.rater === me && !label.skipped));
}

/** The answers to one item, as they come. */
function useAnswers({ labelling, queue, item, me }: LabellerProps) {
  const { form } = queue;
  const before = ownLabel(item, me, labelling.decides);
  const [answers, setAnswers] = useState<Answers>(before?.answers ?? {});
  const [comment, setComment] = useState(before?.comment ?? '');
  const [current, setCurrent] = useState(() => nextField(form, before?.answers ?? {}, -1) ?? 0);
  const [problem, setProblem] = useState<string | null>(null);
  const output = asText(item.output);

  const submit = (said: Answers = answers) => {
    const sent = answersToSend(form, said, output);
    const missing = missingField(form, sent);
    if (missing) {
      setProblem(`“${missing.label}” has no answer.`);
      setCurrent(form.indexOf(missing));
      return;
    }
    labelling.say({ answers: sent, comment: comment.trim() === '' ? null : comment.trim() });
  };
  const type = (field: ReviewField, answer: Answer | undefined) => {
    setProblem(null);
    const { [field.name]: _, ...rest } = answers;
    setAnswers(answer === undefined || answer === '' ? rest : { ...rest, [field.name]: answer });
  };
  /** The last press sends it: nothing is left that would be pressed, or must be typed. */
  const choose = (field: ReviewField, answer: Answer) => {
    if (labelling.isBusy) return;
    setProblem(null);
    const next = { ...answers, [field.name]: answer };
    setAnswers(next);
    const left = nextField(form, next, form.indexOf(field));
    setCurrent(left ?? form.indexOf(field));
    if (
      left === null &&
      !labelling.isLookedAtAgain &&
      missingField(form, answersToSend(form, next, output)) === undefined
    )
      submit(next);
  };
  return { answers, comment, setComment, current, setCurrent, problem, output, submit, type, choose };
}

/** One item and what is said of it, by keys alone where one wants. */
export function Labeller(props: LabellerProps) {
  const { labelling, queue, item, me } = props;
  const { form } = queue;
  const state = useAnswers(props);
  const { answers, comment, current, problem, choose } = state;
  const [hasComment, setHasComment] = useState(comment !== '');
  const commentBox = useRef<HTMLTextAreaElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another item is read from its beginning.
  useEffect(() => {
    document.getElementById('main')?.scrollTo(0, 0);
  }, [item.number]);

  const correction = form.find(({ kind }) => kind === 'correction');
  const preference = form.find(({ kind }) => kind === 'preference');
  const focus = (id: string) => document.getElementById(id)?.focus();
  const correct = (field: ReviewField) => {
    // It begins with what was said, for most answers are nearly right.
    if (answers[field.name] === undefined && state.output !== '') flushSync(() => state.type(field, state.output));
    focus(`answer-${field.name}`);
  };
  const writeComment = () => {
    flushSync(() => setHasComment(true));
    commentBox.current?.focus();
  };
  const move = (by: 1 | -1) => {
    const to = Math.max(0, Math.min(form.length - 1, current + by));
    const field = form[to];
    if (!field) return;
    state.setCurrent(to);
    if (optionsOf(field) === null) focus(`answer-${field.name}`);
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  };
  const press = (digit: string) => {
    const field = form[current];
    const answer = field && chosenBy(field, digit);
    if (field && answer !== undefined) choose(field, answer);
  };
  const used = digits.filter((digit) => form.some((field) => chosenBy(field, digit) !== undefined));
  const keys: Shortcut[] = [
    ...used.map((digit) => ({ keys: digit, label: 'choose', hint: digit === used[0], run: () => press(digit) })),
    ...(preference
      ? [
          { keys: 'ArrowLeft', label: 'left is better', hint: true, run: () => choose(preference, 'left') },
          { keys: '=', label: 'the same', hint: true, run: () => choose(preference, 'same') },
          { keys: 'ArrowRight', label: 'right is better', hint: true, run: () => choose(preference, 'right') },
        ]
      : []),
    { keys: 'Enter', label: 'send', hint: true, run: () => state.submit() },
    { keys: '$mod+Enter', label: 'send, while typing too', always: true, run: () => state.submit() },
    ...(labelling.decides ? [] : [{ keys: 's', label: 'skip', hint: true, run: () => labelling.say('skip') }]),
    ...(correction ? [{ keys: 'c', label: 'correct', hint: true, run: () => correct(correction) }] : []),
    { keys: 'm', label: 'comment', run: writeComment },
    ...(form.length > 1
      ? [
          { keys: 'ArrowDown', label: 'next field', run: () => move(1) },
          { keys: 'ArrowUp', label: 'previous field', run: () => move(-1) },
        ]
      : []),
  ];
  useShortcuts('Review', keys);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only lets go of the field that is typed in.
    <div
      className="flex flex-1 flex-col gap-3"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
      }}
    >
      <ItemView item={item} isBlind={queue.blind} me={me} />
      <AnswerForm
        form={form}
        answers={answers}
        current={current}
        comment={comment}
        hasComment={hasComment}
        commentBox={commentBox}
        onChoose={choose}
        onType={state.type}
        onComment={state.setComment}
      />
      {problem !== null && (
        <p role="alert" className="text-bad">
          ✕ {problem}
        </p>
      )}
      {labelling.error && <ErrorText error={labelling.error} />}
      <Buttons labelling={labelling} onComment={writeComment} onSend={() => state.submit()} />
    </div>
  );
}

type ButtonsProps = { labelling: Labelling; onComment: () => void; onSend: () => void };

/** The same as the keys, for whoever points. */
function Buttons({ labelling, onComment, onSend }: ButtonsProps) {
  const { decides, undo, isBusy } = labelling;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {!decides && (
        <button type="button" className="btn btn-quiet" onClick={() => labelling.say('skip')}>
          Skip <kbd>s</kbd>
        </button>
      )}
      <button type="button" className="btn btn-quiet" onClick={onComment}>
        Comment <kbd>m</kbd>
      </button>
      {undo && (
        <button type="button" className="btn btn-quiet" onClick={undo}>
          Undo <kbd>u</kbd>
        </button>
      )}
      <button type="button" className="btn btn-primary ml-auto" aria-disabled={isBusy} onClick={onSend}>
        {decides ? 'Decide' : 'Send'} <kbd>↵</kbd>
      </button>
    </div>
  );
}
