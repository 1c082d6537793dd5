"""Compiles the same programs with DSPy: a task and seed a line of standard input, a result a line of standard output."""

import json
import os
import re
import sys

results = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # What DSPy prints is no result.

import dspy
from dspy.teleprompt import BootstrapFewShotWithRandomSearch

dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)


def line(name, value):
    return f"{name}: {value if isinstance(value, str) else json.dumps(value)}"


class LineAdapter(dspy.ChatAdapter):
    """Instructions, demonstrations and question as lines `name: value`, up to where the model is to go on."""

    def __init__(self):
        super().__init__(use_json_adapter_fallback=False)

    def format(self, signature, demos, inputs):
        names = [*signature.input_fields, *signature.output_fields]
        whole = [demo for demo in demos if all(demo.get(name) is not None for name in names)]
        shown = ["\n".join(line(name, demo[name]) for name in names) for demo in whole]
        first = next(iter(signature.output_fields))
        asked = [*(line(name, inputs[name]) for name in signature.input_fields), f"{first}:"]
        return [{"role": "user", "content": "\n\n".join([signature.instructions, *shown, "\n".join(asked)])}]

    def parse(self, signature, completion):
        names, sections = list(signature.output_fields), []
        for one in f"{names[0]}: {completion.strip()}".split("\n"):
            found = re.match(r"(\w+): *(.*)$", one)
            if found and found[1] in names:
                names.remove(found[1])
                sections.append(f"[[ ## {found[1]} ## ]]\n{found[2]}")
        return super().parse(signature, "\n\n".join([*sections, "[[ ## completed ## ]]"]))


def predictor(step):
    return dspy.Predict(dspy.Signature(step["signature"], step["instructions"]), **step["parameters"])


class Steps(dspy.Module):
    """Each step is given what the message and the steps before it say."""

    def __init__(self, steps):
        super().__init__()
        self.names = [step["path"] for step in steps]
        for step in steps:
            setattr(self, step["path"], predictor(step))

    def forward(self, **known):
        for name in self.names:
            part = getattr(self, name)
            last = part(**{field: known[field] for field in part.signature.input_fields})
            known = {**known, **last}
        return last


def normal(value):
    return re.sub(r"[.!]+$", "", str("" if value is None else value).strip().lower())


def run(job):
    steps, judged = job["steps"], job["judgedBy"]
    lm = dspy.LM("openai/gemma-3-270m", api_base=job["url"], api_key="any", num_retries=0, cache=False)
    dspy.configure(lm=lm, adapter=LineAdapter())
    program = predictor(steps[0]) if steps[0]["path"] == "" else Steps(steps)

    def examples(rows):
        return [dspy.Example(**row["input"], **row["expected"]).with_inputs("message") for row in rows]

    def metric(example, prediction, trace=None):
        return all(normal(prediction.get(name)) == normal(example[name]) for name in judged)

    def results_of(of, rows):
        def one(example):
            try:
                return of(**example.inputs())
            except dspy.utils.exceptions.AdapterParseError:
                return None

        pairs = [(one, (example,)) for example in rows]
        answers = dspy.Parallel(num_threads=job["concurrency"], disable_progress_bar=True)(pairs)
        return [
            {"score": int(answer is not None and metric(example, answer)), "read": answer is not None}
            for example, answer in zip(rows, answers)
        ]

    rows = {name: examples(of) for name, of in job["rows"].items()}
    before = results_of(program, rows["heldOut"])
    optimizer = BootstrapFewShotWithRandomSearch(
        metric=metric,
        metric_threshold=1,
        max_bootstrapped_demos=job["maxBootstrapped"],
        max_labeled_demos=job["maxLabeled"],
        num_candidate_programs=job["candidates"],
        num_threads=job["concurrency"],
        max_errors=1_000_000,
        stop_at_score=100,
    )
    compiled = optimizer.compile(program, trainset=rows["train"], valset=rows["validation"])
    # Beside the program as it was, which DSPy tries as well.
    tried = [candidate for candidate in compiled.candidate_programs if candidate["seed"] > -3]
    in_order = sorted(tried, key=lambda candidate: candidate["seed"])
    return {
        "before": before,
        "after": results_of(compiled, rows["heldOut"]),
        "demos": sum(len(part.demos) for part in compiled.predictors()),
        "candidates": [round(candidate["score"] / 100, 4) for candidate in in_order],
    }


for job in sys.stdin:
    print(json.dumps(run(json.loads(job))), file=results, flush=True)
