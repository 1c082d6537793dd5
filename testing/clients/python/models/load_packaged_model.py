"""Loads exported folders by MLflow itself, and prints what they predict."""

import json
import os

import mlflow.pyfunc
import pandas

rows = json.loads(os.environ["ROWS"])
params = json.loads(os.environ["PARAMS"])
model = mlflow.pyfunc.load_model(os.environ["MODEL_FOLDER"])
signature = model.metadata.signature
refusal = None
try:
    model.predict([{}])
except mlflow.exceptions.MlflowException as error:
    refusal = str(error)
print(
    json.dumps(
        {
            "records": model.predict(rows),
            "frame": model.predict(pandas.DataFrame(rows), params=params),
            "example": model.predict(model.input_example),
            "inputs": [[one.name, str(one.type), one.required] for one in signature.inputs],
            "params": [] if signature.params is None else [[one.name, one.default] for one in signature.params],
            "uuid": model.metadata.model_uuid,
            "refusal": refusal,
        }
    )
)
