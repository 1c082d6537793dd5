"""LlamaIndex over an OpenAI-compatible server; prints one JSON object."""

import json
import os

from llama_index.core.llms import ChatMessage
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike

base = os.environ["GATEWAY_URL"] + "/v1"
llm = OpenAILike(
    model=os.environ["GATEWAY_MODEL"], api_base=base, api_key="any", is_chat_model=True, max_retries=0, context_window=8192
)
ask = [ChatMessage(role="user", content="What is two and two?")]
embedder = OpenAILikeEmbedding(model_name="openai/text-embedding-3-small", api_base=base, api_key="any", max_retries=0)

print(
    json.dumps(
        {
            "texts": [llm.chat(ask).message.content, "".join(chunk.delta or "" for chunk in llm.stream_chat(ask))],
            "vector": embedder.get_text_embedding("a"),
        }
    )
)
