"""An exported run in somebody else's hands: a virtual environment that has never heard of autoreward."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.cli.conftest import Workplace
from tests.cli.test_commands import objects

CHECKOUT = Path(__file__).resolve().parent.parent.parent
FILES = {"reward.py", "PROVENANCE.json", "wrapper.py", "pack.py", "policy.py", "policy.npz"}
STEPS = """
from best_reward.policy import Policy
env, policy = make_env(), Policy()
observation, _ = env.reset(seed=0)
steps, terminated, truncated = 0, False, False
while not (terminated or truncated):
    observation, reward, terminated, truncated, info = env.step(policy(observation))
    steps += 1
import json
print(json.dumps({"steps": steps, "terms": sorted(info["reward_terms"]), "updates": model._n_updates}))
"""
ABSENT = """
import importlib.util
assert importlib.util.find_spec("autoreward") is None, importlib.util.find_spec("autoreward")
"""


@pytest.fixture(scope="module")
def folder(workplace: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a person works, with `best_reward/` in it."""
    made = tmp_path_factory.mktemp("own")
    (view,) = objects(workplace("export", "last", "-o", str(made / "best_reward"), "--json").out, "export")
    files = {Path(file).name for file in view["files"]}  # type: ignore[attr-defined]
    assert files - {"policy.onnx"} == FILES
    return made


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with every package that is installed here but autoreward; nothing is downloaded."""
    made = tmp_path_factory.mktemp("venv")
    venv.create(made, with_pip=False, symlinks=True)
    (site,) = made.glob("lib/python*/site-packages")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.suffix != ".pth" and "autoreward" not in entry.name:
            (site / entry.name).symlink_to(entry)
    return made / "bin" / "python"


def outside(python: Path, folder: Path, code: str) -> str:
    """Runs code in the folder of a person, isolated from this checkout."""
    code = f"import sys; sys.path.insert(0, {str(folder)!r})\n{ABSENT}\n{code}"
    done = subprocess.run([python, "-I", "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def example(text: str) -> str:
    """The lines of the first example that trains with the wrapper."""
    found = re.search(r"((?:^[ ]*(?:from|model) .*\n){3})", text, re.MULTILINE)
    assert found is not None
    return "\n".join(line.strip() for line in found.group(1).splitlines())


@pytest.mark.thorough
def test_three_lines_train_with_it_in_ones_own_sb3_code(folder: Path, python: Path) -> None:
    pytest.importorskip("stable_baselines3", reason="stable-baselines3 is not installed")
    lines = example((folder / "best_reward" / "wrapper.py").read_text())
    assert "stable_baselines3" in lines and "best_reward.wrapper" in lines and len(lines.splitlines()) == 3
    found = json.loads(outside(python, folder, lines + STEPS).splitlines()[-1])
    assert found["updates"] == 20  # 4096 steps: two rollouts of ten epochs
    assert 0 < found["steps"] <= 1000
    assert found["terms"]


def test_the_readme_shows_the_same_three_lines(folder: Path) -> None:
    readme = (CHECKOUT / "README.md").read_text()
    if "best_reward.wrapper" not in readme:
        pytest.skip("README.md does not show the use of an export yet")
    assert example((folder / "best_reward" / "wrapper.py").read_text()) in re.sub(r"(?m)^ +", "", readme)


def test_the_wrapper_loads_numpy_and_gymnasium_only(folder: Path, python: Path) -> None:
    code = (
        "import best_reward.wrapper, best_reward.policy\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'jax', 'autoreward', 'scipy', 'torch', 'mujoco', 'numpy', 'gymnasium'}))"
    )
    assert outside(python, folder, code) == "['gymnasium', 'numpy']\n"


def test_the_provenance_is_enough_to_judge_it(folder: Path) -> None:
    facts = json.loads((folder / "best_reward" / "PROVENANCE.json").read_text())
    assert facts["task"]["metric"]["code"] and facts["gamma"] == 0.99
    assert facts["policy"]["seed"] in (0, 10_000, 10_001)
    assert facts["environment"]["mirrors"] == "InvertedPendulum-v5"
    assert set(facts["files_sha256"]) - {"policy.onnx"} == FILES - {"reward.py", "PROVENANCE.json"}
    assert len(facts["prompts_sha256"]) == 1
    assert set(facts["seeds"]) == {"search", "selection", "fresh"}
    assert facts["results"]["best"]["low"] <= facts["results"]["best"]["mean"] <= facts["results"]["best"]["high"]


def test_the_run_keeps_the_same_files(workplace: Workplace, folder: Path) -> None:
    (best,) = workplace.folder.glob("runs/*/best")
    for name in ("reward.py", "pack.py", "policy.npz"):  # the others name their folder in an example
        assert (best / name).read_bytes() == (folder / "best_reward" / name).read_bytes(), name


def test_the_terminal_lists_the_files(workplace: Workplace, tmp_path: Path) -> None:
    done = workplace("export", "last", "-o", str(tmp_path / "again"))
    assert done.code == 0
    assert str(tmp_path / "again" / "wrapper.py") in done.out
    assert "policy.onnx" in done.out + done.err  # the file, or why it is not there


def test_another_candidate_is_replaced_only_where_that_was_said(workplace: Workplace, tmp_path: Path) -> None:
    place = str(tmp_path / "reward")
    assert workplace("export", "last:g00c00", "-o", place).code == 0
    refused = workplace("export", "last:g00c01", "-o", place)
    assert refused.code == 2 and "holds the export of g00c00" in refused.err and "--replace" in refused.err
    done = workplace("export", "last:g00c01", "-o", place, "--replace", "--json")
    assert done.code == 0 and "Replaced the export of g00c00" in json.loads(done.out)["notes"][-1]


def test_a_file_that_no_export_wrote_is_never_overwritten(workplace: Workplace, tmp_path: Path) -> None:
    (tmp_path / "reward.py").write_text("my own notes")
    done = workplace("export", "last", "-o", str(tmp_path))
    assert done.code == 2
    assert "no export wrote it" in " ".join(done.err.split())
    assert (tmp_path / "reward.py").read_text() == "my own notes"
