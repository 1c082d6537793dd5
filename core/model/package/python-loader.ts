/**
 * The module that `mlflow.pyfunc.load_model` imports. It needs nothing but Python's standard library, and asks a server:
 * that of `WHEELHOUSE_URL`, where the version is registered, or one that it starts for the folder and stops at the end.
 */
export const pythonLoader = `"""Loads a model that Wheelhouse exported. See docs/guides/export-a-model.md there."""

import atexit
import json
import os
import shlex
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

AT_ONE_TIME = 8
TIMEOUT_SECONDS = 600


def start(folder):
    given = os.environ.get("WHEELHOUSE_COMMAND")
    command = shlex.split(given) if given else [shutil.which("npx") or "npx", "--yes", "wheelhouse"]
    process = subprocess.Popen(
        command + ["serve", "--model", os.path.abspath(folder), "--port", "0", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.terminate)
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("wheelhouse serve --model ended with %s" % process.wait())
    return json.loads(line)["url"]


def plain(value):
    """What NumPy and pandas hold, as JSON has it."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError("A %s is no JSON." % type(value).__name__)


def is_missing(value):
    return value is None or (isinstance(value, float) and value != value)


def rows_of(data):
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        return data.to_dict(orient="records")
    if hasattr(data, "tolist"):
        data = data.tolist()
    if isinstance(data, list):
        return data
    return [data]


class Model:
    def __init__(self, folder):
        with open(os.path.join(folder, "wheelhouse.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        self.facts = manifest["model"]
        self.messages_apart = manifest["takesMessages"]
        self.url = os.environ.get("WHEELHOUSE_URL")
        self.key = os.environ.get("WHEELHOUSE_ADMIN_KEY")
        if self.url:
            self.key = os.environ.get("WHEELHOUSE_API_KEY") or self.key
        else:
            self.url = start(folder)

    def ask(self, row, params):
        body = {"version": self.facts["number"], "parameters": params or {}}
        if isinstance(row, dict):
            row = {name: value for name, value in row.items() if not is_missing(value)}
            if self.messages_apart and "messages" in row:
                body["messages"] = row.pop("messages")
        body["input"] = row
        name = urllib.parse.quote(self.facts["name"], safe="")
        request = urllib.request.Request(
            "%s/api/v1/models/%s/predict" % (self.url.rstrip("/"), name),
            json.dumps(body, default=plain).encode(),
            {"content-type": "application/json"},
        )
        if self.key:
            request.add_header("authorization", "Bearer " + self.key)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                return json.load(response)["output"]
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            try:
                told = json.loads(text)["error"]
                text = " ".join(part for part in (told.get("message"), told.get("hint")) if part)
            except (ValueError, KeyError, TypeError, AttributeError):
                pass
            raise RuntimeError("%s (%s)" % (text, error.code)) from None

    def predict(self, data, params=None):
        """A list with an output for each row."""
        with ThreadPoolExecutor(max_workers=AT_ONE_TIME) as pool:
            return list(pool.map(lambda row: self.ask(row, params), rows_of(data)))


def _load_pyfunc(path):
    return Model(path)
`;
