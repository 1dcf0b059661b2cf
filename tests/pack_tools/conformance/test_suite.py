"""The contract suite: every pack that comes with autoreward passes, and what is wrong is said by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autoreward.environment.pack import load_pack, pack_names, packs_directory
from autoreward.errors import UnknownNameError
from autoreward.export.pack_file import pack_source
from autoreward.pack_tools.conformance import check_pack
from tests.thorough import packs

pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.parametrize("name", packs(pack_names()))
def test_packs_that_come_with_autoreward_pass(name: str) -> None:
    report = check_pack(name)
    assert [finding for finding in report.findings if finding.severity == "error"] == []
    assert report.passed


def copied(tmp_path: Path, file: str, old: str, new: str) -> str:
    """A pack that stands on its own, with one piece of a file replaced by another."""
    folder = tmp_path / "mine"
    shutil.copytree(packs_directory() / "half_cheetah", folder)
    (folder / "pack.py").write_bytes(pack_source(load_pack("half_cheetah")))
    shutil.rmtree(folder / "tasks/backward")
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    return str(folder)


def broken(tmp_path: Path, file: str, old: str, new: str) -> str:
    report = check_pack(copied(tmp_path, file, old, new))
    assert not report.passed
    return "\n".join(f"{finding.rule} {finding.message} {finding.remedy}" for finding in report.findings)


OWN_NOISE = """import numpy as np


def reset(xp, start, noise):
    drawn = np.random.rand(len(noise.uniform), 9)
    return start.qpos + 0.1 * drawn, start.qvel + 0.1 * noise.normal[..., :9]


def old(xp, start, noise):"""
X = "x, z, pitch = data.qpos[..., 0]"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("OBSERVATION_SIZE = 17", "OBSERVATION_SIZE = 16",
         "observation() returned with shape (6, 17), expected (6, 16)"),
        ("data.qpos[..., 1:], data.qvel]", "data.qpos[:, 1:], data.qvel]", "observation() raised ValueError"),
        ("dtype=bool", "dtype=float", "terminated() returned with dtype float64, expected bool"),
        ("data.qpos.shape[:-1], dtype=bool", "data.qpos.shape, dtype=bool", "terminated() returned with shape (6, 9)"),
        ("xp.zeros(data.qpos.shape[:-1], dtype=bool)", "data.qpos[..., 1] < 9", "is true in 6 of 6 states just after"),
        ('"torso_pitch": pitch,', "", "fields() does not return 'torso_pitch', which FIELDS declares"),
        ('"torso_pitch": pitch,', '"torso_pitch": pitch, "nod": pitch,',
         "fields() returns 'nod', which FIELDS does not"),
        ('"torso_pitch": pitch,', '"torso_pitch": pitch[..., None],', "'torso_pitch' with shape (6, 1), expected (6,)"),
        ('"torso_pitch": pitch,', '"torso_pitch": xp.log(0.0 * x),', "'torso_pitch' with values that are not finite"),
        ('"torso_pitch": pitch,', '"torso_pitch": data.quat,', "fields() raised AttributeError"),
        ('"torso_pitch": pitch,', '"torso_pitch": memory["pitch"],',
         "fields() raised KeyError: 'pitch' memory has the"),
        ('"torso_pitch": pitch,', '"torso_pitch": pitch - xp.mean(pitch),', "other values for torso_pitch when other"),
        (X, "x = data.qpos[..., 0]\n    if x.sum() > 1e9:\n        x = -x\n    " + X,
         "raised TracerBoolConversionError"),
        (X, "data.qpos[..., 0] = 0\n    " + X, "not changed in place"),
        ('{"position": position, "mean_velocity": (', '{"place": position, "mean_velocity": (',
         "after a step Return the"),
        ("[data.qpos[..., 1:], data.qvel]", '[memory["position"][..., :1], data.qpos[..., 2:], data.qvel]',
         "observation() reads the memory, but MEMORY_IN_STEP is False"),
        ("return start.qpos + scale * noise.uniform[..., :positions], start", "return start.qpos, start",
         "reset() returned qpos"),
        ("noise.uniform[..., :positions], start.qvel", "noise.uniform[..., :positions] + start.qvel",
         "returned a ndarray"),
        ("start.qpos + scale *", 'float("nan") + start.qpos + scale *',
         "returned qpos with values that are not finite"),
        ('DATA = ("qpos",', 'DATA = ("qpoz",', "DATA names 'qpoz', which MuJoCo's data has not"),
        ("CONTROL_PERIOD = 0.05", "CONTROL_PERIOD = 0.1", "CONTROL_PERIOD is 0.1 s, but FRAME_SKIP 5 x timestep 0.01"),
        ("GAMMA = 0.99", "GAMMA = 1.5", "GAMMA is 1.5, expected above 0 and at most 1"),
        ("HORIZON = 1000", "HORIZON = 0", "HORIZON is 0, expected at least 1"),
        ("HORIZON = 1000", "", "HORIZON is nothing, expected int"),
        ('"forward": (1.0, 0.0, 0.0)', '"forward": (2.0, 0.0, 0.0)', "DIRECTIONS['forward'] is (2.0, 0.0, 0.0)"),
        ('"torso_pitch": dict(', '"torso__pitch": dict(', "'torso__pitch', which a reward program cannot write"),
        ("components=joints", "components=joints[1:]", "has 5 components for shape (6,)"),
        ("FRAME_SKIP = 5", "ACTION_RANGE = ((0, 1), (0, 1))\nFRAME_SKIP = 5", "expected 6 pairs (low, high)"),
        ("FRAME_SKIP = 5", "ACTION_RANGE = ((1, 0),) * 6\nFRAME_SKIP = 5", "low below high"),
        ("def reset(xp, start, noise):", OWN_NOISE, "reset() gives qpos with values that differ by"),
    ],
)  # fmt: skip
def test_wrong_packs_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = broken(tmp_path, "pack.py", old, new)
    assert said in text
    assert "mine" in text


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("metric.py", "torso_mean_velocity", "torso_speed", "task forward: The metric for mine cannot be used"),
        ("metric.py", " * trajectory.valid", "", "depends on steps after the end of an episode"),
        ("human.py", "torso_mean_velocity", "torso_speed", "task forward: human.py: line 8"),
        ("task.yaml", "text: Run forward", "text: Run: forward", "task.yaml is not YAML"),
        ("task.yaml", "unit: m", "", "lacks unit"),
    ],
)
def test_wrong_tasks_are_named(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    assert said in broken(tmp_path, f"tasks/forward/{file}", old, new)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("FRAME_SKIP = 5", "ACTION_RANGE = ((-2, 2),) * 6\nFRAME_SKIP = 5", "the model cuts it at -1 and 1"),
        ('"torso_pitch": pitch,', '"torso_pitch": 0.0 * pitch,', "torso_pitch the same value"),
        ("scale=0.1", "scale=0.0", "the same state every time"),
    ],
)  # fmt: skip
def test_what_is_mostly_a_mistake_is_a_warning(tmp_path: Path, old: str, new: str, said: str) -> None:
    report = check_pack(copied(tmp_path, "pack.py", old, new))
    assert report.passed
    assert {finding.severity for finding in report.findings} == {"warning"}
    assert said in report.findings[0].message


def test_a_pack_without_a_task_is_told_so(tmp_path: Path) -> None:
    folder = copied(tmp_path, "pack.py", "GAMMA = 0.99", "GAMMA = 0.98")
    shutil.rmtree(Path(folder) / "tasks")
    report = check_pack(folder)
    assert report.passed
    assert report.tasks == ()
    assert "it has no task" in report.findings[0].message


def test_a_wrong_name_is_the_callers_mistake() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'half_cheetah'"):
        check_pack("half_chetah")


RANDOMISE = "FRAME_SKIP = 5\nRANDOMISE = ({},)"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ('dict(quantity="mass", of="torsoo", scale=(0.8, 1.2))',
         "pack.randomise mine: the model has no body 'torsoo', which is to be randomised. It has: world, torso"),
        ('dict(quantity="mass", of="torso", scale=(2.0, 1.2))',
         "mine/pack.py: RANDOMISE[0]: scale is (2.0, 1.2), expected (low, high), above 0 and low <= high."),
        ('dict(quantity="armature", of="all", value=(1e-12, 1e-12)), dict(quantity="gain", of="all", scale=(1, 1e9))',
         "diverged in"),
    ],
)  # fmt: skip
def test_wrong_ranges_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str, said: str) -> None:
    monkeypatch.chdir(tmp_path)  # MuJoCo writes a log file
    assert said in broken(tmp_path, "pack.py", "FRAME_SKIP = 5", RANDOMISE.format(declared))


def test_ranges_that_do_nothing_are_a_warning(tmp_path: Path) -> None:
    declared = 'dict(quantity="friction", of="floor", scale=(0.1, 0.5))'  # the robot's own friction is the greater one
    report = check_pack(copied(tmp_path, "pack.py", "FRAME_SKIP = 5", RANDOMISE.format(declared)))
    assert report.passed
    messages = [finding.message for finding in report.findings]
    assert "mine: RANDOMISE: friction of floor changes nothing in 64 random steps" in messages
    assert "mine: RANDOMISE: friction of floor is scaled by 0.1 to 0.5, which leaves the model's own number out" in (
        messages
    )


def test_sane_ranges_pass(tmp_path: Path) -> None:
    declared = 'dict(quantity="mass", of="torso", scale=(0.8, 1.2)), dict(quantity="gain", of="all", scale=(0.9, 1.1))'
    assert check_pack(copied(tmp_path, "pack.py", "FRAME_SKIP = 5", RANDOMISE.format(declared))).findings == ()
