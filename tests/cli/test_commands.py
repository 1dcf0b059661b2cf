"""The commands as people and programs call them: real processes, real runs, JSON that satisfies its schema."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from autoreward.api import environment
from autoreward.cli.main import main
from autoreward.environment.random_rollout import open_environment
from autoreward.export.frame import Frame, written
from autoreward.number_format import short
from autoreward.views import schemas
from tests.cli.conftest import DESIGN, TINY, Workplace, autoreward
from tests.thorough import every

GOOD = """
WEIGHTS = {"upright": 1.0, "effort": -0.01}


def reward_terms(state, action, next_state, params):
    return {
        "upright": jnp.cos(next_state.pole_angle),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
"""
BAD = GOOD.replace("next_state.pole_angle", "next_state.pole_angel")


def objects(text: str, schema: str) -> list[dict[str, object]]:
    """The JSON lines of an output, each checked against a published schema."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        jsonschema.validate(line, schemas()[schema])
    return lines


def test_design_tells_what_happens_in_order(workplace: Workplace) -> None:
    assert workplace.design.code == 0, workplace.design.err
    lines = [json.loads(line) for line in workplace.design.out.splitlines()]
    for line in lines:
        jsonschema.validate(line, schemas()[f"design.{line['event']}"])
    events = [line["event"] for line in lines]
    assert events == ["started", "candidate", "candidate", "generation", "finished"]
    assert lines[0]["run"] == lines[-1]["run"]
    assert (workplace.folder / lines[0]["folder"]).is_dir()
    assert "training" in workplace.design.err


def test_show_a_run(workplace: Workplace) -> None:
    (run,) = objects(workplace("show", "--json").out, "show")
    assert run["env"] == "inverted_pendulum"
    assert {candidate["id"] for candidate in run["candidates"]} == {"g00c00", "g00c01"}  # type: ignore[attr-defined]
    text = workplace("show", "last").out
    assert "95 % interval" in text
    assert "human" in text
    assert "autoreward export" in text


def test_show_a_candidate(workplace: Workplace) -> None:
    text = workplace("show", "last:g00c01").out
    assert "def reward_terms(" in text
    assert "WEIGHTS" in text


def test_show_draws_the_terms(workplace: Workplace) -> None:
    done = workplace("show", "last:g00c01", "--plots")
    assert done.code == 0, done.err
    files = [line.strip() for line in done.out.splitlines() if line.endswith(".png")]
    assert files and all((workplace.folder / file).read_bytes().startswith(b"\x89PNG") for file in files)
    shown, drawn = workplace("show", "last:g00c01", "--plots", "--json").out.splitlines()
    objects(shown, "show")
    (pictures,) = objects(drawn, "show.plots")
    assert (pictures["candidate"], pictures["files"]) == ("g00c01", files)


def test_a_candidate_of_a_run_is_checked_like_a_file(workplace: Workplace) -> None:
    lines = objects(
        workplace("check", "last:g00c01", "human", "--env", "inverted_pendulum/balance", "--json").out, "check"
    )
    assert [(line["file"], line["status"]) for line in lines] == [("last:g00c01", "accepted"), ("human", "accepted")]
    wrong = workplace("train", "last:g09c09", "--env", "inverted_pendulum/balance")
    assert wrong.code == 2 and "g09c09" in wrong.err


def test_what_lies_in_a_run_is_told_in_its_readme(workplace: Workplace) -> None:
    told = (Path(__file__).resolve().parents[2] / "runs" / "README.md").read_text()
    (run,) = (workplace.folder / "runs").iterdir()
    names = {path.name for path in run.rglob("*") if path.is_file()}
    known = {re.sub(r"measured_.*[.]npz", "measured_NAME.npz", name) for name in names}
    known = {re.sub(r"^[0-9]+_.*[.]png", "terms/*.png", name) for name in known}
    assert {name for name in known if name not in told and not name.startswith("run.db-")} == set()


def test_list_the_runs(workplace: Workplace) -> None:
    (run,) = objects(workplace("list", "--json").out, "list")
    assert run["env"] == "inverted_pendulum"
    assert str(run["run"]) in workplace("list").out


def test_resume_a_finished_run_says_that_it_is(workplace: Workplace) -> None:
    (line,) = objects(workplace("resume", "--json").out, "design.finished")
    assert line["event"] == "finished"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "no-such-run"], 2, "no-such-run"),
        (["show", "last:g09c09"], 2, "g09c09"),
        (["envs", "show", "half_cheeta"], 2, "Did you mean 'half_cheetah'?"),
        (["design", "--env", "inverted_pendulum", "--task", "balanse"], 2, "Did you mean 'balance'?"),
        (["design", "keep it up", "--env", "inverted_pendulum", "--model", "compose"], 2, "--metric"),
        (["check", "missing.py", "--env", "inverted_pendulum"], 2, "missing.py"),
        (["list", "--set", "candidate=3"], 2, "Did you mean 'design.candidates'?"),
        ([*DESIGN, "--set", "runs=/proc/no-such-folder"], 10, "/proc/no-such-folder"),
    ],
)
def test_wrong_input_has_a_message_and_its_exit_code(
    workplace: Workplace,
    arguments: list[str],
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(workplace.folder)
    assert main(arguments) == code
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_check_says_for_every_file_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text(BAD)
    done = autoreward(tmp_path, "check", "good.py", "bad.py", "--env", "inverted_pendulum", "--json")
    assert done.code == 3
    lines = objects(done.out, "check")
    assert [(line["file"], line["status"]) for line in lines] == [("good.py", "accepted"), ("bad.py", "refused")]
    assert "pole_angle" in json.dumps(lines[1]["findings"])


def test_check_of_an_exported_file_says_what_stands_around_its_program(tmp_path: Path) -> None:
    ours = written(Frame("Balance.", 0.99, (), 1, has_potential=False, has_params=False), GOOD)
    (tmp_path / "ours.py").write_text(ours)
    (tmp_path / "changed.py").write_text(ours.replace("jnp = np", "import os\njnp = np"))
    done = autoreward(tmp_path, "check", "ours.py", "changed.py", "--env", "inverted_pendulum", "--json")
    lines = objects(done.out, "check")
    assert [(line["file"], line["status"]) for line in lines] == [("ours.py", "accepted"), ("changed.py", "refused")]
    assert [finding["rule"] for finding in lines[1]["findings"]][:1] == ["export.frame"]
    assert "`import os` stands outside the program" in lines[1]["findings"][0]["message"]


def test_train_prints_a_line_a_member_and_the_summary(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text(BAD)
    where = ["--env", "inverted_pendulum", "--task", "balance", "--seeds", "2", "-n", "256", "--json", *TINY]
    done = autoreward(tmp_path, "train", "good.py", "bad.py", *where)
    assert done.code == 3
    *members, summary = done.out.splitlines()
    lines = objects("\n".join(members), "train")
    assert {(line["file"], line["seed"], line["status"]) for line in lines} == {
        ("good.py", 0, "trained"),
        ("good.py", 1, "trained"),
        ("bad.py", None, "refused"),
    }
    (totals,) = objects(summary, "train.summary")
    assert totals["summary"]["members"] == 2  # type: ignore[index]
    assert "bad.py refused" in done.err


def test_what_a_training_notes_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    where = ["--env", "inverted_pendulum/balance", "--seeds", "1", "-n", "256", *TINY]
    done = autoreward(tmp_path, "train", "good.py", *where, "--combine", "episodic")
    assert done.code == 0
    assert done.err.count("Nothing was learned from") == 1


def test_an_environment_is_shown_as_a_designer_sees_it(tmp_path: Path) -> None:
    (view,) = objects(autoreward(tmp_path, "envs", "show", "half_cheetah", "--json").out, "envs.show")
    assert {"torso_velocity", "observation", "time", "last_action", "terminated"} <= {
        field["name"]
        for field in view["fields"]  # type: ignore[attr-defined]
    }
    assert {line["env"] for line in objects(autoreward(tmp_path, "envs", "--json").out, "envs")} == {
        "ant",
        "half_cheetah",
        "hopper",
        "humanoid",
        "inverted_pendulum",
        "reacher",
        "swimmer",
        "walker2d",
    }


def test_all_that_a_designer_sees_is_shown_and_what_it_does_not_see_is_marked(tmp_path: Path) -> None:
    spec = open_environment("hopper", "back_flip").spec
    shown = autoreward(tmp_path, "envs", "show", "hopper/back_flip").out
    seen, mark, unseen = shown.partition("Not shown to a designer")
    seen_words, metrics = " ".join(seen.split()), [task.success for task in environment("hopper").tasks]
    assert mark and all(" ".join(line.split()) in seen_words for line in spec.body.splitlines())
    for words in (spec.description, spec.notes, spec.termination, spec.action_meaning):
        assert " ".join(words.split()) in seen_words
    written = set(re.findall(r"[^\s;()]+", seen))
    for field in spec.fields:
        assert field.name in written
        assert {short(one) for seen_entry in field.quantiles for one in seen_entry if any(seen_entry)} <= written
    assert metrics and not any(metric[:20] in seen_words for metric in metrics)
    assert "back_flip" in unseen
    (view,) = objects(autoreward(tmp_path, "envs", "show", "hopper", "--json").out, "envs.show")
    assert view["body"] == open_environment("hopper").spec.body.splitlines()


def test_a_task_is_shown_with_its_own_horizon_and_termination(tmp_path: Path) -> None:
    text = autoreward(tmp_path, "envs", "show", "hopper/back_flip").out
    assert "horizon 500 steps of 0.008 s (4 s)" in text
    assert "termination: never" in text


def test_the_guide_names_the_contract(tmp_path: Path) -> None:
    text = autoreward(tmp_path, "guide").out
    assert "reward_terms(state, action, next_state, params)" in text
    (view,) = objects(autoreward(tmp_path, "guide", "--json").out, "guide")
    assert str(view["guide"]).strip() == text.strip()


def test_doctor_prints_a_line_a_check(tmp_path: Path) -> None:
    lines = objects(autoreward(tmp_path, "doctor", "--json").out, "doctor")
    assert {"python", "packages", "runs"} <= {line["check"] for line in lines}


def test_a_dry_run_shows_the_prompts_and_runs_nothing(tmp_path: Path) -> None:
    done = autoreward(tmp_path, *DESIGN, "--dry-run", "--json")
    (plan,) = objects(done.out, "design.dry_run")
    assert plan["designer"] == "compose"
    assert len(plan["prompts"]) == 2  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", every(3, [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1]))
def test_a_signal_ends_a_run_that_can_be_resumed(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "autoreward", *DESIGN, "--json"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        process.send_signal(number)
        rest = process.stdout.read()
    assert process.returncode == 130
    error = json.loads(rest.splitlines()[-1])["error"]
    assert error["type"] == "InterruptedRunError"
    assert f"autoreward resume {started['run'].rpartition('_')[2]}" in error["remedy"]
