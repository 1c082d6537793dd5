"""Answers calls for `wheelhouse serve`: one JSON object a line, in on stdin and out on stdout.

    serve-worker.py function <file> <name>      a function `name(input)` or `name(input, context)` of a file
    serve-worker.py mlflow <folder>             a model that MLflow saved

Needs Python's standard library, and what the model itself needs.
"""

import asyncio
import importlib.util
import inspect
import json
import os
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

AT_ONE_TIME = 16

# What the model prints, from C too, goes to stderr; our lines go where stdout led.
_out = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
_out_lock = threading.Lock()


def send(line):
    text = json.dumps(line, ensure_ascii=False, allow_nan=False)
    with _out_lock:
        _out.write(text + "\n")
        _out.flush()


def error_of(error):
    text = str(error)
    name = type(error).__name__
    return {"message": f"{name}: {text}" if text else name}


def local_files(folder):
    """The modules that were loaded from below the folder, but for installed packages."""
    found = set()
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and "site-packages" not in path:
            path = os.path.realpath(path)
            if path.startswith(folder + os.sep):
                found.add(path)
    return sorted(found)


def load_function(file, name):
    folder = os.path.dirname(file)
    sys.path.insert(0, folder)
    # Files that are written while the model is served would look like a change of it.
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(file))[0], file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    function = getattr(module, name, None)
    if not callable(function):
        raise LookupError(f"{os.path.basename(file)} has no function `{name}`")
    parameters = [
        one
        for one in inspect.signature(function).parameters.values()
        if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.VAR_POSITIONAL)
    ]
    with_context = len(parameters) > 1 or any(one.kind == one.VAR_POSITIONAL for one in parameters)
    about = {
        "signature": getattr(module, "signature", None),
        "example": getattr(module, "example", None),
        "description": (inspect.getdoc(function) or "").strip(),
        "streams": inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function),
        "files": local_files(folder) or [file],
    }
    if with_context:
        return function, about
    return (lambda given, context: function(given)), about


NUMBERS = {"integer": "integer", "long": "integer", "float": "number", "double": "number", "boolean": "boolean"}


def json_schema(column):
    """A type of MLflow, in the form of its `to_dict`, as JSON Schema."""
    kind = column["type"]
    if kind in NUMBERS:
        return {"type": NUMBERS[kind]}
    if kind in ("string", "binary", "datetime"):
        return {"type": "string"}
    if kind == "array":
        return {"type": "array", "items": json_schema(column["items"])}
    if kind == "map":
        return {"type": "object", "additionalProperties": json_schema(column["values"])}
    if kind == "object":
        members = column["properties"]
        return {
            "type": "object",
            "properties": {name: json_schema(member) for name, member in members.items()},
            "required": [name for name, member in members.items() if member.get("required", True)],
        }
    if kind == "any":
        return {}
    raise TypeError(f"columns of type `{kind}` cannot be served; models of columns can")


def columns_schema(columns):
    return json_schema({"type": "object", "properties": {one["name"]: one for one in columns}})


def params_schema(params):
    def member(param):
        schema = json_schema(param)
        if param.get("shape"):
            schema = {"type": "array", "items": schema}
        return {**schema, "default": param["default"]}

    return {"type": "object", "properties": {one["name"]: member(one) for one in params}, "additionalProperties": False}


def load_mlflow(folder):
    import mlflow.pyfunc
    import pandas

    model = mlflow.pyfunc.load_model(folder)
    signature = model.metadata.signature
    inputs = signature.inputs.to_dict() if signature and signature.inputs else None
    outputs = signature.outputs.to_dict() if signature and signature.outputs else None
    params = signature.params.to_dict() if signature and signature.params else None
    named = inputs is not None and all("name" in one for one in inputs)

    told = {}
    if named:
        told["input"] = columns_schema(inputs)
    elif inputs is not None:
        told["input"] = {"type": "object", "properties": {"input": json_schema(inputs[0])}, "required": ["input"]}
    if outputs is not None:
        whole = len(outputs) > 1 and all("name" in one for one in outputs)
        told["output"] = columns_schema(outputs) if whole else json_schema(outputs[0])
    if params:
        told["parameters"] = params_schema(params)

    def table(row):
        frame = pandas.DataFrame([row])
        for column in signature.inputs.inputs if named else []:
            kind = getattr(column.type, "name", None)
            if column.name not in frame or kind is None:
                continue
            if kind == "datetime":
                frame[column.name] = pandas.to_datetime(frame[column.name])
            elif kind in NUMBERS:
                frame[column.name] = frame[column.name].astype(column.type.to_numpy())
        return frame

    def plain(answer):
        if isinstance(answer, pandas.DataFrame):
            answer = json.loads(answer.to_json(orient="records"))
        elif hasattr(answer, "tolist"):
            answer = answer.tolist()
        return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer

    def predict(given, context):
        data = [given["input"]] if inputs is not None and not named else table(given)
        return plain(model.predict(data, params=context["parameters"] or None))

    about = {"signature": told or None, "example": None, "description": "", "streams": False, "files": []}
    return predict, about


async def collect(generator, take):
    async for piece in generator:
        if not take(piece):
            return


def answer(function, call, cancelled):
    pieces = []

    def take(piece):
        if not isinstance(piece, str):
            raise TypeError("The function yielded something that is no text.")
        pieces.append(piece)
        if call.get("stream") and piece:
            send({"id": call["id"], "text": piece})
        return not cancelled.is_set()

    result = function(call["input"], {name: call.get(name) for name in ("messages", "parameters", "traceparent")})
    if inspect.isawaitable(result):
        result = asyncio.run(_await(result))
    if inspect.isasyncgen(result):
        asyncio.run(collect(result, take))
        return "".join(pieces)
    if inspect.isgenerator(result):
        for piece in result:
            if not take(piece):
                break
        return "".join(pieces)
    return result


async def _await(awaitable):
    return await awaitable


def main():
    kind, path, *rest = sys.argv[1:]
    path = os.path.realpath(path)
    try:
        function, about = load_function(path, rest[0]) if kind == "function" else load_mlflow(path)
    except BaseException as error:
        traceback.print_exc()
        send({"failed": error_of(error)})
        return
    send({"ready": about})

    open_calls = {}

    def run(call, cancelled):
        try:
            send({"id": call["id"], "output": answer(function, call, cancelled)})
        except BaseException as error:
            traceback.print_exc()
            send({"id": call["id"], "error": error_of(error)})
        finally:
            open_calls.pop(call["id"], None)

    with ThreadPoolExecutor(max_workers=AT_ONE_TIME) as pool:
        for line in sys.stdin:
            call = json.loads(line)
            if call.get("cancel"):
                if call["id"] in open_calls:
                    open_calls[call["id"]].set()
                continue
            cancelled = open_calls[call["id"]] = threading.Event()
            pool.submit(run, call, cancelled)


main()
