"""The test server as a process of its own: it survives its clients, and counts every question."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from autoreward.llm.openai_model import OpenAIModel
from autoreward.llm.retry import RetryPolicy
from autoreward.records import Message
from tests import loopback


def test_it_answers_by_the_question_alone_and_logs_it(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    command = [sys.executable, loopback.__file__, "--log", str(log)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        model = OpenAIModel("openai/m", RetryPolicy(10.0), json.loads(process.stdout.readline())["url"])
        texts = [model.ask([Message(role="user", content=word)]).text for word in ("one", "two", "one")]
        process.communicate()  # closes its standard input: it ends
    assert process.returncode == 0
    assert texts[0] == texts[2] != texts[1]
    keys = [json.loads(line)["key"] for line in log.read_text().splitlines()]
    assert keys[0] == keys[2] != keys[1]
