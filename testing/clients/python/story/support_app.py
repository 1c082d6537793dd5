"""A support desk: for each line of users on standard input it asks for each of them, and passes on how they liked it."""

import json
import os
import sys
import urllib.request

from openai import OpenAI

server = os.environ["APP_SERVER"]
questions = json.loads(os.environ["APP_QUESTIONS"])
client = OpenAI(base_url=f"{server}/v1", api_key="anything", max_retries=0)


def press(trace_id: str, liked: bool) -> None:
    """What the button in the page of the desk comes to."""
    body = json.dumps({"traceId": trace_id, "name": "thumbs", "value": liked}).encode()
    headers = {"content-type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{server}/api/v1/scores", data=body, headers=headers)).close()


for line in sys.stdin:
    asked = liked = 0
    for user in json.loads(line):
        question = questions[user % len(questions)]
        raw = client.chat.completions.with_raw_response.create(
            model="support-bot@production",
            user=f"user {user}",
            messages=[{"role": "user", "content": question}],
        )
        # A desk that only repeats what it was asked helps nobody.
        helps = raw.parse().choices[0].message.content != question
        press(raw.headers["x-wheelhouse-trace-id"], helps)
        asked += 1
        liked += helps
    print(json.dumps({"asked": asked, "liked": liked}), flush=True)
