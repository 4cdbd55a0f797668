"""The openai package, as it is, against an endpoint of its protocol: python openai_client.py BASE_URL CHECK.

Each check is a function below; it prints what was answered, and ends with 1 and a traceback when something is wrong.
"""

import json
import sys
import time

import openai
from pydantic import BaseModel

ALIAS = "fast"
QUESTION = [{"role": "user", "content": "What does the letter say?"}]


class Letter(BaseModel):
    title: str
    urgent: bool
    amounts: list[float]


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string", "maxLength": 12}},
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }
    for name in ("weather", "time")
]


def chat(client):
    answer = client.chat.completions.create(model=ALIAS, messages=QUESTION)
    assert answer.choices[0].message.content.startswith("It says"), answer
    assert answer.choices[0].finish_reason == "stop", answer
    assert answer.usage.prompt_tokens > 0 and answer.usage.completion_tokens > 0, answer
    return answer.usage.total_tokens


def structured(client):
    answer = client.chat.completions.parse(model=ALIAS, messages=QUESTION, response_format=Letter)
    letter = answer.choices[0].message.parsed
    assert isinstance(letter, Letter) and letter.title, answer
    return letter.title


def streaming(client):
    text, usage, times = "", None, []
    with client.chat.completions.create(
        model=ALIAS, messages=QUESTION, stream=True, stream_options={"include_usage": True}
    ) as stream:
        for chunk in stream:
            times.append(time.monotonic())
            text += "".join(choice.delta.content or "" for choice in chunk.choices)
            usage = chunk.usage or usage
    assert len(times) > 5 and times[-1] - times[0] > 0.1, times
    assert usage and usage.completion_tokens > 0, usage
    whole = client.chat.completions.create(model=ALIAS, messages=QUESTION).choices[0].message.content
    assert text == whole, (text, whole)
    return len(times)


def streaming_without_usage(client):
    chunks = list(client.chat.completions.create(model=ALIAS, messages=QUESTION, stream=True))
    assert all(chunk.usage is None and chunk.choices for chunk in chunks), chunks
    return len(chunks)


def tools(client):
    messages = list(QUESTION)
    asking = client.chat.completions.create(model=ALIAS, messages=messages, tools=TOOLS).choices[0]
    assert asking.finish_reason == "tool_calls", asking
    assert [call.function.name for call in asking.message.tool_calls] == ["weather", "time"], asking
    messages.append(asking.message)
    for call in asking.message.tool_calls:
        assert json.loads(call.function.arguments)["city"], call
        messages.append({"role": "tool", "tool_call_id": call.id, "content": "fine"})
    final = client.chat.completions.create(model=ALIAS, messages=messages, tools=TOOLS).choices[0]
    assert final.finish_reason == "stop" and final.message.content, final
    return final.message.content


def streamed_tools(client):
    with client.chat.completions.stream(model=ALIAS, messages=QUESTION, tools=TOOLS) as stream:
        stream.until_done()
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert [call.function.name for call in calls] == ["weather", "time"], calls
    assert all(json.loads(call.function.arguments)["city"] for call in calls), calls
    return len(calls)


def embeddings(client):
    answer = client.embeddings.create(model=ALIAS, input=["one", "two"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) == 64, answer
    plain = client.embeddings.create(model=ALIAS, input=["one", "two"], encoding_format="float")
    pairs = zip(answer.data[0].embedding, plain.data[0].embedding)
    assert all(abs(one - other) < 1e-6 for one, other in pairs), "not the same vector"
    assert answer.usage.prompt_tokens > 0, answer.usage
    return answer.usage.prompt_tokens


def models(client):
    names = [model.id for model in client.models.list()]
    assert ALIAS in names, names
    return names


def unknown_model(client):
    try:
        client.chat.completions.create(model="there-is-none", messages=QUESTION)
    except openai.NotFoundError as error:
        assert error.code == "SL5005" and "there-is-none" in error.message, error
        return error.message
    raise AssertionError("no error")


def used_up(client):
    poor = client.with_options(default_headers={"Sluice-Tenant": "poor"}, max_retries=0)
    try:
        poor.chat.completions.create(model=ALIAS, messages=QUESTION)
    except openai.APIStatusError as error:
        assert error.status_code == 402 and error.code == "SL5007", error
        assert error.type == "insufficient_quota", error
        return error.message
    raise AssertionError("no error")


def bad_request(client):
    try:
        client.chat.completions.create(model=ALIAS, messages=[])
    except openai.BadRequestError as error:
        assert error.code == "SL2004", error
        return error.message
    raise AssertionError("no error")


def limited(client):
    """The endpoint answers 429 for some seconds."""
    try:
        client.with_options(max_retries=0).chat.completions.create(model=ALIAS, messages=QUESTION)
    except openai.RateLimitError as error:
        wait = float(error.response.headers["retry-after-ms"]) / 1000
        assert wait > 0 and int(error.response.headers["retry-after"]) >= wait, error.response.headers
        return wait
    raise AssertionError("no error")


def patient(client):
    """The endpoint answers 429 for some seconds; the package waits as it is told and asks again."""
    raw = client.with_options(max_retries=5).chat.completions.with_raw_response.create(model=ALIAS, messages=QUESTION)
    assert raw.retries_taken > 0, raw.retries_taken
    assert raw.parse().choices[0].message.content, raw
    return raw.retries_taken


def broken_stream(client):
    """The endpoint breaks off in the middle of its answer."""
    said = ""
    try:
        for chunk in client.chat.completions.create(model=ALIAS, messages=QUESTION, stream=True):
            said += "".join(choice.delta.content or "" for choice in chunk.choices)
    except openai.APIError as error:
        return [said, error.message]
    raise AssertionError("no error after " + said)


if __name__ == "__main__":
    base_url, check = sys.argv[1:3]
    with openai.OpenAI(base_url=base_url, api_key="unused", timeout=60) as unmodified:
        print(json.dumps(globals()[check](unmodified)))
