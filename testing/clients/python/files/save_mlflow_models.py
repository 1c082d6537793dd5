"""Saves two models with MLflow, one of a table and one of texts, and prints what they answer here."""

import json
import os

import mlflow.pyfunc
import pandas
from mlflow.models import infer_signature

folder = os.environ["MODELS_FOLDER"]


class Table(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        end = (params or {}).get("end")
        return model_input.apply(lambda row: f"{row['name']}: {row['count'] * row['price']}{end}", axis=1)


class Texts(mlflow.pyfunc.PythonModel):
    def predict(self, model_input: list[str], params=None) -> list[str]:
        return [text.upper() for text in model_input]


rows = pandas.DataFrame([{"name": "tea", "count": 2, "price": 1.5}])
signature = infer_signature(rows, ["tea: 3.0."], params={"end": "."})
mlflow.pyfunc.save_model(os.path.join(folder, "table"), python_model=Table(), signature=signature)
mlflow.pyfunc.save_model(os.path.join(folder, "texts"), python_model=Texts())

table = mlflow.pyfunc.load_model(os.path.join(folder, "table"))
texts = mlflow.pyfunc.load_model(os.path.join(folder, "texts"))
print(json.dumps({"table": list(table.predict(rows, params={"end": "!"})), "texts": texts.predict(["hello"])}))
