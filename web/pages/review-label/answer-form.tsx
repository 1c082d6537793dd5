import type { Ref } from 'react';
import type { ReviewField } from '../../data/review-queries.ts';
import { type Answer, type Answers, digitOf, optionsOf } from './answers.ts';

type FieldProps = {
  field: ReviewField;
  answer: Answer | undefined;
  /** The next digit is for this one. */
  isCurrent: boolean;
  onChoose: (answer: Answer) => void;
  onType: (answer: Answer | undefined) => void;
};

const wide = 'grid gap-2 [grid-template-columns:repeat(auto-fit,minmax(96px,1fr))]';

function Choices({ field, answer, isCurrent, onChoose }: FieldProps) {
  const options = optionsOf(field) ?? [];
  return (
    <div className={wide}>
      {options.map((option, i) => {
        const digit = digitOf(field, option, i);
        return (
          <button
            key={String(option.value)}
            type="button"
            className="btn !min-h-9 !whitespace-normal"
            aria-pressed={answer === option.value}
            onClick={() => onChoose(option.value)}
          >
            {isCurrent && digit !== null && <kbd>{digit}</kbd>}
            <span className="said min-w-0">{option.text}</span>
          </button>
        );
      })}
    </div>
  );
}

function Typed({ field, answer, onType, id }: FieldProps & { id: string }) {
  if (field.kind === 'number')
    return (
      <input
        id={id}
        type="number"
        step="any"
        min={field.low}
        max={field.high}
        className="field"
        value={answer === undefined ? '' : String(answer)}
        onChange={(event) => onType(event.target.value === '' ? undefined : Number(event.target.value))}
      />
    );
  return (
    <textarea
      id={id}
      className="field"
      rows={field.kind === 'correction' ? 4 : 2}
      value={answer === undefined ? '' : String(answer)}
      onChange={(event) => onType(event.target.value)}
    />
  );
}

const titleOf = ({ label, name, required }: ReviewField) =>
  `${label === '' ? name : label}${required ? '' : ' (may be left out)'}`;

function FieldOfForm(props: FieldProps) {
  const { field, isCurrent } = props;
  const id = `answer-${field.name}`;
  const isChosen = optionsOf(field) !== null;
  const frame = `min-w-0 pl-3 ${isCurrent ? 'shadow-[inset_2px_0_0_var(--accent)]' : ''}`;
  if (isChosen)
    return (
      <fieldset className={frame} aria-current={isCurrent ? 'step' : undefined}>
        <legend className="mb-1 text-sm font-medium">{titleOf(field)}</legend>
        <Choices {...props} />
      </fieldset>
    );
  return (
    <div className={frame}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {titleOf(field)} {field.kind === 'correction' && <kbd>c</kbd>}
      </label>
      <Typed {...props} id={id} />
    </div>
  );
}

type AnswerFormProps = {
  form: ReviewField[];
  answers: Answers;
  /** Which field the next digit is for. */
  current: number;
  comment: string;
  hasComment: boolean;
  commentBox: Ref<HTMLTextAreaElement>;
  onChoose: (field: ReviewField, answer: Answer) => void;
  onType: (field: ReviewField, answer: Answer | undefined) => void;
  onComment: (text: string) => void;
};

/** What is asked, a field below the other. */
export function AnswerForm({ form, answers, current, comment, hasComment, commentBox, ...on }: AnswerFormProps) {
  return (
    <div className="flex flex-col gap-3">
      {form.map((field, i) => (
        <FieldOfForm
          key={field.name}
          field={field}
          answer={answers[field.name]}
          isCurrent={i === current}
          onChoose={(answer) => on.onChoose(field, answer)}
          onType={(answer) => on.onType(field, answer)}
        />
      ))}
      {hasComment && (
        <div className="pl-3">
          <label htmlFor="answer-comment" className="mb-1 block text-sm font-medium">
            Comment
          </label>
          <textarea
            ref={commentBox}
            id="answer-comment"
            className="field"
            rows={2}
            maxLength={10_000}
            value={comment}
            onChange={(event) => on.onComment(event.target.value)}
          />
        </div>
      )}
    </div>
  );
}
