"""The official client of OpenAI; prints one JSON object."""

import json
import os

from openai import OpenAI

client = OpenAI(base_url=os.environ["GATEWAY_URL"] + "/v1", api_key="any", max_retries=0)
model = os.environ["GATEWAY_MODEL"]
ask = [{"role": "user", "content": "What is two and two?"}]

whole = client.chat.completions.create(model=model, messages=ask)
chunks = list(client.chat.completions.create(model=model, messages=ask, stream=True))
response = client.responses.create(model=model, input="What is two and two?")
with client.responses.stream(model=model, input="What is two and two?") as stream:
    streamed = stream.get_final_response()
embedded = client.embeddings.create(model="openai/text-embedding-3-small", input=["a", "b"])

print(
    json.dumps(
        {
            "texts": [
                whole.choices[0].message.content,
                "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices),
                response.output_text,
                streamed.output_text,
            ],
            "tokens": [whole.usage.total_tokens, response.usage.total_tokens, streamed.usage.total_tokens],
            "usage_unasked": any(chunk.usage for chunk in chunks),
            "vector": embedded.data[1].embedding,
        }
    )
)
