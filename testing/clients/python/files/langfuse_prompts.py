"""Keeps prompts, fetches them by label and by version, fills them in; prints what came back."""

import json

from langfuse import get_client

langfuse = get_client()
fresh = {"cache_ttl_seconds": 0, "max_retries": 0}

langfuse.create_prompt(
    name="Team A/Welcome",
    type="chat",
    prompt=[{"role": "system", "content": "Be {{tone}}."}, {"type": "placeholder", "name": "history"}],
    labels=["production"],
    config={"model": "sim/echo", "temperature": 0.2},
)
chat = langfuse.get_prompt("Team A/Welcome", type="chat", **fresh)
langfuse.create_prompt(name="greet", prompt="Greet {{name}}.", labels=["staging"], config={"model": "sim/echo"})
langfuse.update_prompt(name="greet", version=1, new_labels=["production"])
print(
    json.dumps(
        {
            "version": chat.version,
            "config": chat.config,
            "chat": chat.compile(tone="kind", history=[{"role": "user", "content": "Hi"}]),
            "text": langfuse.get_prompt("greet", **fresh).compile(name="Ida"),
            "first": langfuse.get_prompt("greet", version=1, **fresh).prompt,
            "fallback": langfuse.get_prompt("nobody", fallback="Hello.", **fresh).is_fallback,
        }
    )
)
