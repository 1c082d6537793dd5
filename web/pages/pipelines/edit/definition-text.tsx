import { useEffect, useId, useRef, useState } from 'react';
import { asDraft, type PipelineDraft } from '../../../data/pipeline-draft.ts';
import type { Yaml } from './yaml.ts';

type DefinitionTextProps = { draft: PipelineDraft; onDraft: (draft: PipelineDraft) => void };

function Text({ draft, onDraft, yaml }: DefinitionTextProps & { yaml: Yaml }) {
  const id = useId();
  const [text, setText] = useState(() => yaml.print(draft));
  const [problem, setProblem] = useState<string | null>(null);
  const sent = useRef(draft);
  useEffect(() => {
    // What was typed stays as it was typed.
    if (sent.current === draft) return;
    sent.current = draft;
    setText(yaml.print(draft));
    setProblem(null);
  }, [yaml, draft]);
  const edit = (next: string) => {
    setText(next);
    const read = yaml.read(next);
    const made = typeof read === 'string' ? read : asDraft(read.value);
    if (typeof made === 'string') return setProblem(made);
    setProblem(null);
    sent.current = made;
    onDraft(made);
  };
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        Definition, as YAML or JSON
      </label>
      <textarea
        id={id}
        className="field mono leading-[18px]"
        rows={Math.min(40, Math.max(16, text.split('\n').length + 1))}
        spellCheck={false}
        aria-invalid={problem !== null}
        value={text}
        onChange={(event) => edit(event.target.value)}
      />
      {problem === null ? (
        <p className="text-sm text-text-3">
          <span className="mono">wheelhouse pipeline apply</span> takes the same, with a line{' '}
          <span className="mono">name:</span> before it.
        </p>
      ) : (
        <p role="alert" className="text-sm break-words text-bad">
          ✕ {problem}
        </p>
      )}
    </div>
  );
}

/** The whole definition as text, as `wheelhouse pipeline apply` takes it: YAML, or JSON. */
export function DefinitionText(props: DefinitionTextProps) {
  const [yaml, setYaml] = useState<Yaml | null>(null);
  useEffect(() => void import('./yaml.ts').then((loaded) => setYaml(loaded.yaml)), []);
  if (yaml === null) return <p className="text-text-3">Loading the text …</p>;
  return <Text {...props} yaml={yaml} />;
}
