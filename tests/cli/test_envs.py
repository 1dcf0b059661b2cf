"""`autoreward envs new` and `envs check`: a robot of one's own, in real processes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from autoreward.views import schemas
from tests.cli.conftest import autoreward

MODELS = Path(__file__).resolve().parent.parent / "models"


@pytest.mark.thorough
def test_new_writes_a_pack_that_can_be_shown_and_checked(tmp_path: Path) -> None:
    made = autoreward(
        tmp_path, "envs", "new", "walker", "--mjcf", str(MODELS / "quadruped.xml"), "--home", "home", "--json"
    )
    assert made.code == 0, made.err
    (line,) = [json.loads(text) for text in made.out.splitlines()]
    jsonschema.validate(line, schemas()["envs.new"])
    assert (line["folder"], line["home"], line["tasks"]) == ("walker", "home", ["forward", "stand", "turn", "jump"])
    assert line["check"]["status"] == "passed"
    shown = autoreward(tmp_path, "envs", "show", "./walker")
    assert shown.code == 0, shown.err
    assert "trunk_mean_velocity" in shown.out


def test_new_says_what_to_do_next(tmp_path: Path) -> None:
    made = autoreward(tmp_path, "envs", "new", "lifter", "--mjcf", str(MODELS / "arm.xml"))
    assert "autoreward design --env ./lifter --task raise" in made.out
    again = autoreward(tmp_path, "envs", "new", "lifter", "--mjcf", str(MODELS / "arm.xml"))
    assert again.code == 2
    assert "exists already" in again.err
    file = tmp_path / "lifter/pack.py"
    file.write_text(file.read_text().replace("OBSERVATION_SIZE = 9", "OBSERVATION_SIZE = 8"))
    checked = autoreward(tmp_path, "envs", "check", "./lifter", "--json")
    assert checked.code == 7
    (line,) = [json.loads(text) for text in checked.out.splitlines()]
    jsonschema.validate(line, schemas()["envs.check"])
    assert line["status"] == "failed"
    assert "expected sizes by name, 8 in all" in line["findings"][0]["message"]
    text = autoreward(tmp_path, "envs", "check", "./lifter")
    assert text.code == 7
    assert "expected sizes by name, 8 in all" in text.out
