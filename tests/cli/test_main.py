"""The frame of the command line: global options, errors, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autoreward import api
from autoreward.cli import main as program
from autoreward.cli.main import main
from autoreward.cli.options import hoist_globals
from autoreward.errors import BudgetReachedError, UnknownNameError
from tests.cli.conftest import TINY


@pytest.mark.parametrize(
    ("given", "hoisted"),
    [
        (["list", "--json"], ["--json", "list"]),
        (["show", "k3f9", "--set", "runs=x", "--quiet"], ["--set", "runs=x", "--quiet", "show", "k3f9"]),
        (["list", "--set=runs=x", "-y"], ["--set=runs=x", "-y", "list"]),
        (["refine", "last", "--", "--json"], ["refine", "last", "--", "--json"]),
        (["list", "--device"], ["--device", "list"]),
    ],
)
def test_global_options_may_stand_anywhere(given: list[str], hoisted: list[str]) -> None:
    assert hoist_globals(given) == hoisted


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-command"], "No such command"),
        (["design"], "No environment is named."),
        (["design", "--env", "half_cheetah", "--candidates", "many"], "--candidates"),
        (["list", "--set", "desing.seeds=3"], "Did you mean 'design.seeds'?"),
        (["list", "--set", "seeds=0"], "--set design.seeds=0 cannot be used"),
        (["design", "--env", "hopper", "--seeds", "0"], "--seeds 0 cannot be used"),
        (["design", "--env", "hopper", "-n", "20q"], "'20q', expected a whole number, for instance 300000, 20k"),
        (["design", "--env", "hopper", "--max-time", "10parsecs"], "'10parsecs', expected seconds"),
        (["design", "--env", "hopper", "--max-cost", "cheap"], "'cheap', expected a number, for instance 5"),
        (["design", "--env", "hopper", "--max-cost", "nan"], "'nan', expected a number"),
        (["design", "--env", "hopper", "--max-tokens", "-1"], "--max-tokens -1 cannot be used"),
        (["bench", "train", "--rounds", "0"], "0, expected at least 1"),
        (["compare", "a", "b", "-n", "-2"], "-2, expected at least 0"),
        (["refine", "last", "--no-input"], "There is no note."),
    ],
)
def test_a_usage_error_is_exit_2_with_its_cure(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    streams = capsys.readouterr()
    assert words in streams.err
    assert streams.out == ""
    assert "Traceback" not in streams.err


def test_a_file_of_the_working_folder_takes_the_place_of_no_module(folder_of_shadows: Path) -> None:
    reward = folder_of_shadows / "reward_of_mine.py"
    reward.write_text(
        "WEIGHTS = {'up': 1.0}\n"
        "def reward_terms(state, action, next_state, params):\n"
        "    return {'up': jnp.cos(next_state.pole_angle)}\n"
    )
    # Checked in the process of the sandbox, trained in that of the trainer.
    arguments = ("train", reward.name, "--env", "inverted_pendulum/balance", "--seeds", "1", "-n", "256", *TINY)
    command = [str(Path(sys.executable).with_name("autoreward")), *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not list(folder_of_shadows.glob("imported_*"))


def test_an_error_with_json_is_an_object_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["design", "--json"]) == 2
    streams = capsys.readouterr()
    reply = json.loads(streams.out)
    assert reply["schema_version"] == 1
    assert set(reply["error"]) == {"type", "message", "remedy"}
    assert reply["error"]["type"] == "UsageError"
    assert streams.err == ""


@pytest.mark.parametrize("group", ["bench", "config"])
def test_a_group_without_a_command_is_help_for_people_and_an_error_for_programs(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([group]) == 2
    assert "Usage:" in capsys.readouterr().out
    assert main([group, "--json"]) == 2
    streams = capsys.readouterr()
    error = json.loads(streams.out)["error"]
    assert (error["type"], streams.err) == ("UsageError", "")
    assert error["message"].startswith("Missing command: expected one of ")


def raising(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose commands end in this error."""

    def app(**_: object) -> None:
        raise error

    monkeypatch.setattr(program, "app", app)


def test_an_expected_error_has_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(BudgetReachedError("The budget of 10 steps is used up.", "Give more: --max-steps."), monkeypatch)
    assert main(["design"]) == 6
    assert capsys.readouterr().err == "The budget of 10 steps is used up.\n  Give more: --max-steps.\n"


def test_an_unknown_name_is_answered_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(UnknownNameError("environment", "half_cheeta", ["half_cheetah", "inverted_pendulum"]), monkeypatch)
    assert main(["envs"]) == 2
    assert "Did you mean 'half_cheetah'?" in capsys.readouterr().err


def test_ctrl_c_is_exit_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def app(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "app", app)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "Interrupted.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_a_signal_ends_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    monkeypatch.setattr(api, "list_runs", lambda *_: signal.raise_signal(number))
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
    try:
        assert main(["list"]) == 130
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert capsys.readouterr().err == "Interrupted.\n"


def test_a_bug_says_so_and_keeps_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(KeyError("lost"), monkeypatch)
    assert main(["list"]) == 1
    text = capsys.readouterr().err
    assert "This is a bug in autoreward: KeyError: 'lost'" in text
    assert "Traceback" not in text
    kept = Path(text.split(" in ")[-1].strip())
    assert "KeyError: 'lost'" in kept.read_text()
    kept.unlink()


def test_a_bug_with_debug_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(KeyError("lost"), monkeypatch)
    assert main(["list", "--debug"]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_name_that_no_file_can_have_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "x" * 5000]) == 2
    said = capsys.readouterr().err
    assert "no file has so long a name" in said and len(said) < 300


def test_a_working_folder_that_is_gone_is_no_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert main(["show", "last"]) == 10
    assert "The working folder is gone" in capsys.readouterr().err


def test_a_command_that_is_printed_is_no_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--", "-x.yaml"]) == 0
    assert "autoreward design ./-x.yaml" in capsys.readouterr().out


def test_an_error_that_standard_output_does_not_take_is_told_to_the_other_stream(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autoreward", "--json", "show", "no-such-run"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("There is no run in runs named 'no-such-run'.")


def test_a_reader_that_went_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(BrokenPipeError(), monkeypatch)
    monkeypatch.setattr("sys.stdout", None)
    assert main(["list"]) == 0


def test_schemas_are_printed_for_every_object(capsys: pytest.CaptureFixture[str]) -> None:
    from autoreward.views import PRINTED

    assert main(["--schemas"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(PRINTED)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    import autoreward

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{autoreward.__version__}\n"
