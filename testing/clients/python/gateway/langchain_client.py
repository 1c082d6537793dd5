"""LangChain's models of OpenAI and Anthropic, with a tool; prints one JSON object."""

import json
import os

from langchain_anthropic import ChatAnthropic
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI

url = os.environ["GATEWAY_URL"]
model = os.environ["GATEWAY_MODEL"]


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"{city}: sunny"


chats = [
    ChatOpenAI(model=model, base_url=url + "/v1", api_key="any", max_retries=0),
    ChatAnthropic(model=model, base_url=url, api_key="any", max_tokens=64, max_retries=0),
]
question = "What is two and two?"
print(
    json.dumps(
        {
            "texts": [chat.invoke(question).text for chat in chats]
            + ["".join(chunk.text for chunk in chat.stream(question)) for chat in chats],
            "calls": [
                [(call["name"], call["args"]) for call in chat.bind_tools([weather]).invoke("And the weather?").tool_calls]
                for chat in chats
            ],
        }
    )
)
