"""`autoreward compare` on files, candidates and runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Workplace, autoreward
from tests.cli.test_commands import BAD, GOOD, objects

SAME = GOOD.replace("1.0,", "2.0,").replace("-0.01", "-0.02") + (
    "\n\ndef potential(state, params):\n    return 3.0 * jnp.square(state.cart_position) + 1.0\n"
)
OPPOSITE = GOOD.replace("1.0,", "-1.0,").replace("-0.01", "0.01")
BALANCE = ["--env", "inverted_pendulum", "--task", "balance"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("good", GOOD), ("same", SAME), ("opposite", OPPOSITE), ("bad", BAD)):
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


@pytest.mark.thorough
def test_files_without_training(files: Path) -> None:
    done = autoreward(files, "compare", "good.py", "same.py", "opposite.py", *BALANCE, "-n", "0", "--json")
    assert done.code == 0, done.err
    (view,) = objects(done.out, "compare")
    pairs = {(pair["a"], pair["b"]): pair for pair in view["pairs"]}  # type: ignore[attr-defined]
    assert pairs["good.py", "same.py"]["distance"] < 1e-3  # another scale, and shaping
    assert pairs["good.py", "opposite.py"]["distance"] > 0.999
    assert pairs["good.py", "opposite.py"]["rank_agreement"] < -0.99
    assert all(pair["difference"] is None for pair in pairs.values())
    assert view["env_steps"] == 0
    assert (files / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert "bonus for survival" in done.err


@pytest.mark.thorough
def test_paired_training(files: Path) -> None:
    where = [*BALANCE, "--seeds", "2", "-n", "4096", "-o", "picture.svg"]
    done = autoreward(files, "compare", "good.py", "same.py", "human", *where, "--json")
    assert done.code == 0, done.err
    (view,) = objects(done.out, "compare")
    rewards = {reward["name"]: reward for reward in view["rewards"]}  # type: ignore[attr-defined]
    assert rewards["human"]["origin"] == "human" and all(reward["success"]["seeds"] == 2 for reward in rewards.values())
    pair = view["pairs"][0]  # type: ignore[index]
    difference = rewards["good.py"]["success"]["mean"] - rewards["same.py"]["success"]["mean"]
    assert pair["difference"]["mean"] == pytest.approx(difference)
    assert pair["difference"]["low"] <= difference <= pair["difference"]["high"]
    assert view["env_steps"] >= 6 * 4096  # type: ignore[operator]
    assert (files / "picture.svg").read_text().lstrip().startswith("<?xml")


@pytest.mark.thorough
def test_a_run_a_candidate_and_a_file(workplace: Workplace, files: Path) -> None:
    best = next(workplace.folder.glob("runs/*/candidates/g00c00/reward.py"))
    done = workplace("compare", "last:g00c00", "last:g00c01", str(best), "-n", "0", "--json")
    assert done.code == 0, done.err
    (view,) = objects(done.out, "compare")
    names = [reward["name"] for reward in view["rewards"]]  # type: ignore[attr-defined]
    assert [name.rpartition(":")[2] for name in names[:2]] == ["g00c00", "g00c01"]
    same = next(pair for pair in view["pairs"] if pair["a"] == names[0] and pair["b"] == names[2])  # type: ignore[attr-defined]
    assert same["distance"] < 1e-6 and same["rank_agreement"] == pytest.approx(1.0)
    assert view["transitions"] > 64 * 128  # type: ignore[operator]
    text = workplace("compare", "last", str(files / "good.py"), "-n", "0", "-o", str(files / "p.png")).out
    assert "distance" in text and "p.png" in text


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["good.py"], 2, "nothing to compare"),
        (["good.py", "good.py"], 2, "named twice"),
        (["good.py", "same.py"], 2, "--env"),
        (["good.py", "missing.py", *BALANCE], 2, "missing.py"),
        (["good.py", "no-such-run", *BALANCE], 2, "no-such-run"),
        (["good.py", "same.py", "--env", "inverted_pendulum"], 2, "-n 0"),
        (["good.py", "bad.py", *BALANCE], 3, "bad.py: refused"),
        (["good.py", "same.py", *BALANCE, "-n", "0", "-o", "picture.txt"], 2, ".png"),
    ],
)
def test_what_cannot_be_compared(files: Path, arguments: list[str], code: int, words: str) -> None:
    done = autoreward(files, "compare", *arguments)
    assert done.code == code, done.err
    assert words in done.err
    assert "Traceback" not in done.err
