"""Trains nothing, and records it as transformers does; prints what MLflow reads back."""

import json
import math
import os

import mlflow
from mlflow import MlflowClient

mlflow.set_experiment("from python")
client = MlflowClient()

with mlflow.start_run(run_name="tuned") as run:
    values = {f"arg_{i:03}": i for i in range(130)}
    items = list(values.items())
    for at in range(0, len(items), 100):
        mlflow.log_params(dict(items[at : at + 100]))
    for step in range(20):
        mlflow.log_metrics({"loss": 1 / (step + 1), "epoch": step / 20}, step=step)
    mlflow.log_metric("broken", math.nan)
    mlflow.log_text("hello", "notes/first.txt")

found = mlflow.search_runs(
    experiment_names=["from python"], filter_string="metrics.loss < 0.1 AND params.arg_003 = '3'", output_format="list"
)
print(
    json.dumps({
        "user": run.info.user_id != "",
        "found": [one.info.run_id == run.info.run_id for one in found],
        "status": found[0].info.status,
        "history": [[one.step, one.value] for one in client.get_metric_history(run.info.run_id, "loss")][:2],
        "isNan": math.isnan(found[0].data.metrics["broken"]),
        "params": len(found[0].data.params),
        "text": mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/first.txt"),
        "runId": run.info.run_id,
        "tracked": os.environ["MLFLOW_TRACKING_URI"] == mlflow.get_tracking_uri(),
    })
)
