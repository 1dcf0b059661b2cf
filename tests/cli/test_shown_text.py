"""Whatever a model, a server, a file or a pack says: no command shows a hidden or steering character of it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args
from unittest import mock

import pytest
from hypothesis import given, settings
from pydantic import BaseModel

from autoreward import views
from autoreward.cli.main import main
from autoreward.errors import UsageError
from autoreward.records import EnvSpec, FieldSpec, Finding, Fitness, MetricSpec, TaskSpec
from tests.cli.test_tables import RUN
from tests.hostile_text import ANY_TEXT, is_hidden

FIT = Fitness(mean=1.0, low=0.5, high=1.5, seeds=3, episodes=30)
FINDING = Finding(rule="static.field", severity="error", line=4, message="m", remedy="r")
CHECK = views.CheckLine(file="f", status="refused", tier="basic", findings=(FINDING,), seconds=0.1)
SPEC = EnvSpec(
    name="cart", title="t", description="d", action_size=1, action_low=(-1.0,), action_high=(1.0,), action_meaning="a",
    observation_size=1, control_period=0.02, horizon=10, gamma=0.99, termination="never",
    fields=(FieldSpec(name="position", unit="m", meaning="of the cart"),), notes="n",
)  # fmt: skip
TRAINED = views.TrainView(
    lines=(
        views.TrainLine(
            file="f", seed=0, status="trained", success=1.0, progress=None, own_episodic_return=2.0, env_steps=10
        ),
    ),
    totals=views.TrainTotals(env_steps=10, seconds=1.0, steps_per_second=10.0, members=1),
    checks=(CHECK,),
)
LISTED = views.RunSummary(
    run="r", created="2026-11-20", env="e", task="t", status="finished", best="g00c00", fitness=FIT
)
UNREADABLE = LISTED.model_copy(update={"status": "unreadable", "best": None, "fitness": None, "problem": "p"})
COMPARED = views.CompareReport(
    env="e", task="t", transitions=1, trajectories=1, env_steps=0, unit="m/s", notes=("n",), picture="p",
    rewards=(views.ComparedReward(name="a", origin="file", success=FIT, progress=FIT),),
    pairs=(views.ComparedPair(a="a", b="b", distance=0.5, rank_agreement=0.5, difference=FIT),),
)  # fmt: skip
CHECKED = views.EnvCheckLine(env="e", status="failed", tasks=("t",), findings=(FINDING,), seconds=1.0)
TASK = TaskSpec(env="cart", name="t", text="x", metric=MetricSpec(origin="task", code="", meaning="m", unit="m"))
DOCTOR = views.DoctorLine(check="c", status="warning", detail="d", fix="f")
CANDIDATE = RUN.model_copy(update={"source": "WEIGHTS = {}", "analysis": "It fell."})
ANSWERS: dict[str, tuple[str, list[str], Any]] = {
    "list": ("list_runs", ["list"], [LISTED, UNREADABLE]),
    "show": ("show", ["show", "k3f9"], RUN),
    "show a candidate": ("show", ["show", "k3f9:g01c02"], CANDIDATE),
    "check": ("check", ["check", "a.py", "--env", "cart"], [CHECK]),
    "train": ("train", ["train", "a.py", "--env", "cart"], TRAINED),
    "compare": ("compare", ["compare", "a.py", "b.py", "--env", "cart"], COMPARED),
    "envs show": ("environment", ["envs", "show", "cart"], views.EnvReport.of(SPEC, (TASK,), "it is stiffer")),
    "envs check": ("check_environment", ["envs", "check", "cart"], CHECKED),
    "doctor": ("doctor", ["doctor"], [DOCTOR]),
    "guide": ("guide", ["guide"], "the guide"),
}


def spoiled(value: Any, text: str, fixed: bool = False) -> Any:
    """The same with this text added to every free text in it."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        changed = {
            name: spoiled(getattr(value, name), text, fixed=bool(_literals(field.annotation)))
            for name, field in fields.items()
        }
        return value.model_copy(update=changed)
    if isinstance(value, str):
        return value if fixed else value + text
    if isinstance(value, Mapping):
        return {spoiled(key, text): spoiled(one, text) for key, one in value.items()}
    return type(value)(spoiled(one, text, fixed) for one in value) if isinstance(value, list | tuple) else value


def _literals(annotation: Any) -> list[str]:
    """The words of which a field has to be one."""
    return [one for one in get_args(annotation) if isinstance(one, str)]


def shown(arguments: list[str]) -> tuple[str, str]:
    """What a command writes to both streams."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        main(arguments)
    return out.getvalue(), err.getvalue()


def hidden_in(text: str) -> list[str]:
    return [letter for letter in text if is_hidden(letter)]


@pytest.mark.parametrize("command", ANSWERS)
@given(text=ANY_TEXT)
@settings(max_examples=10, deadline=None)
def test_nothing_hidden_is_shown(command: str, text: str) -> None:
    function, arguments, answer = ANSWERS[command]
    with mock.patch(f"autoreward.api.{function}", lambda *_, **__: spoiled(answer, text)):
        written = [*shown(arguments), *shown([*arguments, "--json"])]
    assert not any(hidden_in(one) for one in written), written
    assert written[0].strip(), written
    for line in written[2].splitlines():
        json.loads(line)


@given(text=ANY_TEXT)
@settings(max_examples=12, deadline=None)
def test_an_error_shows_nothing_hidden(text: str) -> None:
    assert not hidden_in(str(UsageError(text, text)))
    for error in (UsageError(text, text), RuntimeError(text)):
        with mock.patch("autoreward.api.list_runs", side_effect=error):
            written = [*shown(["list", "--debug"]), *shown(["list", "--json", "--debug"])]
        assert not any(hidden_in(one) for one in written), written


@given(text=ANY_TEXT)
@settings(max_examples=50, deadline=None)
def test_a_name_on_the_command_line_shows_nothing_hidden(text: str) -> None:
    written = shown(["list", "--set", f"{text}x=3"])
    assert not any(hidden_in(one) for one in written), written


def test_a_file_name_that_is_no_text_ends_in_a_sentence(tmp_path: Path) -> None:
    reward = tmp_path / "reward-\udcff.py"
    reward.write_text("WEIGHTS = {}")
    out, err = shown(["check", str(reward), "--env", "no-such-pack", "--json"])
    assert "error" in json.loads(out)
    assert "Traceback" not in err
