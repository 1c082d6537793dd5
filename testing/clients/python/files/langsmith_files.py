"""A run with a file among its inputs; prints the trace."""

import json
import uuid

from langsmith import Client, traceable
from langsmith.schemas import Attachment

client = Client()
run_id = uuid.uuid4()


@traceable(client=client)
def read(question: str, report: Attachment) -> str:
    return "Four pages."


read(
    "How long is it?",
    Attachment(mime_type="application/pdf", data=b"%PDF-1.7 four pages"),
    langsmith_extra={"run_id": run_id},
)
client.flush()
print(json.dumps({"trace": run_id.hex}))
