"""A pack whose units, meanings, task text and metric want to steer, hide or reorder: nothing of it is shown raw."""

from __future__ import annotations

import ast
import io
import json
import shutil
import tokenize
from pathlib import Path

import pytest
import yaml

from autoreward.environment.random_rollout import open_environment
from autoreward.environment.task import load_task
from autoreward.environment.task_file import read_task_file
from autoreward.export.reward_file import export_reward
from autoreward.records import CompiledReward
from tests.cli.conftest import autoreward
from tests.conftest import CHECKOUT
from tests.hostile_text import is_hidden

HIDDEN = "\x1b[31m\u2028\u202e\U000e0041\u3164\x9b2J"
TEXT, MEANING = f"Keep the pole{HIDDEN} upright.", f"share of{HIDDEN} the steps"
SOURCE = """WEIGHTS = {"upright": 1.0}


def reward_terms(state, action, next_state, params):
    return {"upright": next_state.cart_position}
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inverted pendulum with hidden characters in every text about it."""
    folder = tmp_path_factory.mktemp("packs") / "odd_pendulum"
    shutil.copytree(CHECKOUT / "envs" / "inverted_pendulum", folder, ignore=shutil.ignore_patterns("__pycache__"))
    source = (folder / "pack.py").read_text()
    odd = ascii(HIDDEN)[1:-1]
    for text in (
        'unit="m"',
        'meaning="position of the cart along the rail; 0 in the middle"',
        'DESCRIPTION = "The cart',
    ):
        assert text in source
        source = source.replace(
            text, f"{text.removesuffix(chr(34))}{odd}\\nx: y{chr(34) if text[-1] == chr(34) else ''}"
        )
    (folder / "pack.py").write_text(source)
    facts = {"text": TEXT, "meaning": MEANING, "unit": f"1{HIDDEN}", "reference": 1.0}
    (folder / "tasks" / "balance" / "task.yaml").write_text(yaml.safe_dump(facts))
    return folder


def hidden_in(text: str) -> list[str]:
    return [letter for letter in text if is_hidden(letter) or letter == "\u3164"]


def test_the_pack_holds_what_it_should_not(pack: Path) -> None:
    env = open_environment(str(pack), "balance")
    field = env.spec.field("cart_position")
    metric = load_task(env.pack, "balance").metric
    assert field is not None and HIDDEN in field.unit and HIDDEN in field.meaning and HIDDEN in env.spec.description
    assert metric is not None and (metric.meaning, metric.unit) == (MEANING, f"1{HIDDEN}")


@pytest.mark.parametrize("json_too", [[], ["--json"]], ids=["text", "json"])
def test_a_dry_run_shows_none_of_it(pack: Path, json_too: list[str]) -> None:
    done = autoreward(
        pack.parent, "design", "--env", str(pack), "--task", "balance", "--model", "compose", "--dry-run", *json_too
    )
    assert done.code == 0, done.err
    assert "position of the cart" in done.out and hidden_in(done.out + done.err) == []
    if json_too:  # escaped, and the same text
        (line,) = done.out.splitlines()
        assert any(
            TEXT in message["content"] for prompt in json.loads(line)["prompts"] for message in prompt["messages"]
        )


def test_a_task_file_holds_none_of_it_and_says_the_same(pack: Path, tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    assert autoreward(tmp_path, "init", str(path), "--env", str(pack)).code == 0
    text = path.read_text()
    assert hidden_in(text) == []
    assert (read_task_file(path).env, read_task_file(path).task) == (str(pack), "balance")
    path.write_text(text.replace("\n# text:", "\ntext:"))
    assert read_task_file(path).text == TEXT


def test_an_exported_reward_holds_none_of_it_in_its_comments(pack: Path, tmp_path: Path) -> None:
    env = open_environment(str(pack), "balance").spec
    reward = CompiledReward(weights={"upright": 1.0}, inputs=("next_state.cart_position",), program=b"p", digest="d")
    facts = {"task": {"text": TEXT}, "metric": MEANING}
    written, provenance = export_reward(tmp_path, SOURCE, reward, env, facts)
    text = written.read_text()
    comments = [
        one.string for one in tokenize.generate_tokens(io.StringIO(text).readline) if one.type == tokenize.COMMENT
    ]
    assert any("position of the cart along the rail" in comment for comment in comments)
    assert hidden_in(text) == [] and hidden_in(provenance.read_text()) == []
    (task,) = (node.value for node in ast.parse(text).body if isinstance(node, ast.Assign) and "TASK" in ast.dump(node))
    assert ast.literal_eval(task) == TEXT
    assert json.loads(provenance.read_text())["task"]["text"] == TEXT
