"""The official client of Anthropic; prints one JSON object."""

import json
import os

from anthropic import Anthropic

client = Anthropic(base_url=os.environ["GATEWAY_URL"], api_key="any", max_retries=0)
model = os.environ["GATEWAY_MODEL"]
ask = {"model": model, "max_tokens": 64, "messages": [{"role": "user", "content": "What is two and two?"}]}

whole = client.messages.create(**ask)
with client.messages.stream(**ask) as stream:
    text = "".join(stream.text_stream)
    streamed = stream.get_final_message()

print(
    json.dumps(
        {
            "texts": [whole.content[0].text, text, streamed.content[0].text],
            "tokens": [[m.usage.input_tokens, m.usage.output_tokens] for m in (whole, streamed)],
        }
    )
)
