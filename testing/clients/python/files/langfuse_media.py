"""A picture inside a message, and a file as metadata; prints the trace and what came back."""

import base64
import hashlib
import json

from langfuse import get_client
from langfuse.media import LangfuseMedia

picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 12
langfuse = get_client()
with langfuse.start_as_current_observation(
    as_type="generation",
    name="see",
    model="gpt-4o-mini",
    input=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {
                    "type": "image_url",
                    "image_url": {"url": "data:image/png;base64," + base64.b64encode(picture).decode()},
                },
            ],
        }
    ],
    metadata={"context": LangfuseMedia(content_bytes=b"some notes", content_type="text/plain")},
) as span:
    span.update(output="A picture.")
    trace_id = span.trace_id
langfuse.flush()
media_id = base64.urlsafe_b64encode(hashlib.sha256(picture).digest()).decode()[:22]
media = langfuse.api.media.get(media_id)
print(json.dumps({"trace": trace_id, "media": media_id, "type": media.content_type, "bytes": media.content_length}))
