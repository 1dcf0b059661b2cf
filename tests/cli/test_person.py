"""Where a person takes part: answering as the designer, starting from a reward of one's own, writing a task down."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from autoreward.ledger import Run, list_runs
from autoreward.records import Completion
from autoreward.search.events import REPLY
from autoreward.views import schemas
from tests.cli.conftest import autoreward

TASK = """
env: inverted_pendulum
task: balance
settings: {candidates: 2, generations: 1, seeds: 1, n_timesteps: 2048, final_seeds: 2, clips: false}
"""
PROGRAM = """WEIGHTS = {"upright": NUMBER}


def reward_terms(state, action, next_state, params):
    return {"upright": jnp.cos(next_state.pole_angle)}
"""
REPLY_TEXT = "".join(
    f"## g00c0{slot}\n```python\n{PROGRAM.replace('NUMBER', number)}```\n" for slot, number in ((0, "1.0"), (1, "2.0"))
)


def last_object(text: str, schema: str) -> dict[str, object]:
    line: dict[str, object] = json.loads(text.splitlines()[-1])
    jsonschema.validate(line, schemas()[schema])
    return line


def test_a_run_waits_for_a_person_and_goes_on_with_the_answer(tmp_path: Path) -> None:
    (tmp_path / "task.yaml").write_text(TASK)
    waiting = autoreward(tmp_path, "design", "task.yaml", "--model", "manual", "--json")
    assert waiting.code == 8
    assert "g00.prompt.md" in json.dumps(last_object(waiting.out, "error"))
    (folder,) = list_runs(tmp_path / "runs")
    assert (folder / "manual" / "g00.prompt.md").is_file()
    assert last_object(autoreward(tmp_path, "show", "--json").out, "show")["status"] == "waiting"
    assert autoreward(tmp_path, "resume").code == 8  # nothing has changed

    (tmp_path / "half.md").write_text(REPLY_TEXT.partition("## g00c01")[0])
    refused = autoreward(tmp_path, "reply", "last", "half.md")
    assert (refused.code, "no program for g00c01" in refused.err) == (2, True)
    (tmp_path / "reply.md").write_text(REPLY_TEXT)
    kept = autoreward(tmp_path, "reply", "last", "reply.md", "--json")
    assert last_object(kept.out, "reply")["candidates"] == ["g00c00", "g00c01"]
    done = autoreward(tmp_path, "resume", "--json")
    assert done.code == 0, done.err
    with Run.open(folder, write=False) as run:
        replies = [event.record(Completion) for event in run.events(REPLY)]
    assert [(reply.prompt, reply.designer) for reply in replies] == [("g00c00", "manual"), ("g00c01", "manual")]
    nobody = autoreward(tmp_path, "reply", "last", "reply.md")
    assert (nobody.code, "does not wait" in nobody.err) == (2, True)


@pytest.mark.thorough
def test_a_search_starts_from_a_persons_reward(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PROGRAM.replace("NUMBER", "3.0"))
    (tmp_path / "task.yaml").write_text(TASK + "seed_reward: mine.py\n")
    done = autoreward(tmp_path, "design", "task.yaml", "--model", "compose", "--json")
    assert done.code == 0, done.err
    (folder,) = list_runs(tmp_path / "runs")
    assert (folder / "candidates" / "g00c00" / "reward.py").read_text() == PROGRAM.replace("NUMBER", "3.0")
    events = [json.loads(line) for line in done.out.splitlines()]
    parents = {event["id"]: event["parents"] for event in events if event["event"] == "candidate"}
    assert parents == {"g00c00": [], "g00c01": ["g00c00"]}


def test_a_refused_start_makes_no_run(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PROGRAM.replace("pole_angle", "pole_angel"))
    (tmp_path / "task.yaml").write_text(TASK)
    done = autoreward(tmp_path, "design", "task.yaml", "--model", "compose", "--seed-reward", "mine.py")
    assert done.code == 3
    assert "mine.py cannot be the start of a search, it is refused:\n" in done.err
    assert "    error contract.unknown_field: line " in done.err
    assert not (tmp_path / "runs").exists()


def test_a_task_file_is_written_and_accepted(tmp_path: Path) -> None:
    written = autoreward(tmp_path, "init", "--env", "inverted_pendulum", "--json")
    assert last_object(written.out, "init")["file"] == "task.yaml"
    done = autoreward(tmp_path, "design", "task.yaml", "--model", "compose", "--candidates", "3", "--dry-run", "--json")
    plan = last_object(done.out, "design.dry_run")
    assert (plan["env"], plan["task"], len(plan["prompts"])) == ("inverted_pendulum", "balance", 3)  # type: ignore[arg-type]
    assert autoreward(tmp_path, "init").code == 2
    assert autoreward(tmp_path, "design").code == 2


def test_config_says_where_a_value_came_from(tmp_path: Path) -> None:
    (tmp_path / "autoreward.yaml").write_text("design: {candidates: 3}")
    done = autoreward(tmp_path, "config", "show", "--json", "--set", "seeds=2")
    lines = [json.loads(line) for line in done.out.splitlines()]
    validator = jsonschema.Draft202012Validator(schemas()["config.show"])
    for line in lines:
        validator.validate(line)
    found = {line["key"]: (line["value"], line["origin"]) for line in lines}
    assert found["design.candidates"] == (3, "autoreward.yaml")
    assert found["design.seeds"] == (2, "--set")
    assert found["design.generations"] == (5, "default")
    text = autoreward(tmp_path, "config", "show", "--origin").out
    assert "autoreward.yaml" in text
