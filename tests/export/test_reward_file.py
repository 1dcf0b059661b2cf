"""The exported file: alone, exact, and honest about where it comes from."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autoreward.config import Settings
from autoreward.errors import StorageError
from autoreward.export.frame import frame_findings, program_in
from autoreward.export.provenance import provenance_of
from autoreward.export.reward_file import export_reward, reward_file
from autoreward.export.source import checked_tree
from autoreward.records import (
    BaselineResult,
    Candidate,
    CompiledReward,
    EnvSpec,
    FinalReport,
    Fitness,
    TaskSpec,
    Transitions,
)
from autoreward.reward.composition import compose_reward
from autoreward.reward.language.rules import checked_text
from autoreward.reward.program import RewardProgram

Load = Callable[[Path], ModuleType]
Compile = Callable[[str], CompiledReward]
Cheetah = tuple[EnvSpec, Transitions]

FIELDS = ("torso_up", "torso_velocity")
PLAIN = '''"""Run."""

import jax.numpy as jnp

# a comment that stays
WEIGHTS = {"forward": 1.5, "upright": 0.5, "effort": -0.005}
PARAMS = {"tilt": 0.3}


def reward_terms(state, action, next_state, params):
    tilt = 1.0 - next_state.torso_up[..., 2]
    return {
        "forward": next_state.torso_velocity[..., 0],
        "upright": jnp.exp(-jnp.square(tilt / params["tilt"])),
        "effort": jnp.sum(jnp.square(action), axis=-1),
    }
'''

WITH_POTENTIAL = """
import math
import numpy as np
import jax.numpy as jnp

SCALE: float = math.pi / 2
WEIGHTS = {"near": -2.0, "alive": 1.0}


def distance(state: object, axis: int = 2):
    return np.linalg.norm(state.torso_position, axis=-1) + 0.5 * state.torso_position[:, axis]


def reward_terms(state, action, next_state, params):
    unused = state.joint_velocity
    return {"near": jnp.tanh(SCALE * distance(next_state)), "alive": 1.0 - next_state.terminated}


def potential(state, params):
    return -3.0 * distance(state)
"""

CLASHING = """
GAMMA, FIELDS = 0.5, (0, 2)
WEIGHTS = {"a": 1.0}


def reward(state, TASK=2.0):
    reward_terms_of = GAMMA * state.torso_velocity[..., FIELDS[0]]  # a name of the file around it
    return reward_terms_of * TASK


def reward_terms(state, action, next_state, params):
    return {"a": reward(next_state, TASK=3.0) + reward(state)}
"""

SOURCES = {"plain": PLAIN, "potential": WITH_POTENTIAL, "clashing": CLASHING}


def _trained(compiled: CompiledReward, cheetah: Cheetah, terminated: np.ndarray) -> np.ndarray:
    """The rewards `[N]` as the trainer computes them."""
    env, transitions = cheetah
    arrays = {f"state.{name}": array for name, array in transitions.state.items()}
    arrays |= {f"next_state.{name}": array for name, array in transitions.next_state.items()}
    arrays |= {"action": transitions.action, "next_state.terminated": terminated}
    terms, phi, phi_next = (np.asarray(array) for array in RewardProgram(compiled)(arrays))
    weights = np.float32(list(compiled.weights.values()))
    return np.asarray(compose_reward(terms, weights, phi, phi_next, env.gamma, terminated))


@pytest.mark.parametrize("name", SOURCES)
def test_agrees_with_training_on_recorded_transitions(
    name: str, tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah, load: Load
) -> None:
    env, transitions = half_cheetah
    compiled = compile_reward(SOURCES[name])
    exported = load(export_reward(tmp_path, SOURCES[name], compiled, env, {})[0])
    terminated = np.float32(np.arange(len(transitions.action)) % 3 == 0)

    expected = _trained(compiled, half_cheetah, terminated)
    found = exported.reward(transitions.state, transitions.action, transitions.next_state, terminated)
    assert found.dtype == np.float32 and found.shape == expected.shape
    assert np.all(np.abs(found - expected) <= 1e-5 * np.maximum(1.0, np.abs(expected)))

    for row in (0, 1):  # one transition, as float64 without the batch axis, as an environment gives it
        state, next_state = (
            {name: np.float64(array[row]) for name, array in arrays.items()}
            for arrays in (transitions.state, transitions.next_state)
        )
        alone = exported.reward(state, transitions.action[row].tolist(), next_state, bool(terminated[row]))
        assert isinstance(alone, float)
        assert alone == pytest.approx(expected[row], rel=1e-5, abs=1e-5)


def test_terms_and_reward_by_hand(tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah, load: Load) -> None:
    exported = load(export_reward(tmp_path, PLAIN, compile_reward(PLAIN), half_cheetah[0], {})[0])
    next_state = {"torso_up": [0.0, 0.0, 0.7], "torso_velocity": [2.0, 0.0, 0.0]}
    terms = exported.reward_terms_of({}, [1.0, 0.0, 0.0, 0.0, 0.0, -2.0], next_state)
    # tilt 0.3 over scale 0.3: exp(-1); effort 1 + 4
    assert terms == {"forward": 2.0, "upright": pytest.approx(np.exp(-1.0)), "effort": 5.0}
    assert exported.reward({}, [1.0, 0, 0, 0, 0, -2.0], next_state) == pytest.approx(3.0 + 0.5 * np.exp(-1.0) - 0.025)


def test_potential_is_zero_where_the_episode_terminated(
    tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah, load: Load
) -> None:
    source = (
        'WEIGHTS = {"zero": 1.0}\n'
        'def reward_terms(state, action, next_state, params):\n    return {"zero": 0.0 * action[..., 0]}\n'
        "def potential(state, params):\n    return state.torso_pitch\n"
    )
    exported = load(export_reward(tmp_path, source, compile_reward(source), half_cheetah[0], {}, gamma=0.5)[0])
    state, action, next_state = {"torso_pitch": 3.0}, np.zeros(6), {"torso_pitch": 8.0}
    assert exported.reward(state, action, next_state) == 1.0  # 0.5 * 8 - 3
    assert exported.reward(state, action, next_state, terminated=True) == -3.0
    pair = exported.reward(
        {"torso_pitch": [3.0, 3.0]}, np.zeros((2, 6)), {"torso_pitch": [8.0, 8.0]}, np.array([False, True])
    )
    np.testing.assert_array_equal(pair, np.float32([1.0, -3.0]))


@pytest.mark.parametrize("scale", ["scale()", "list(map(float32, [2.0]))[0]", "jnp.float32(2.0)"])
def test_a_module_may_call_what_makes_arrays(
    tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah, load: Load, scale: str
) -> None:
    source = f"""WEIGHTS = {{"a": 1.0}}


def float32(number):
    return jnp.float32(number)


def scale():
    return float32(2.0)


SCALE = {scale}


def reward_terms(state, action, next_state, params):
    return {{"a": SCALE * action[..., 0]}}
"""
    module = load(export_reward(tmp_path, source, compile_reward(source), half_cheetah[0], {})[0])
    assert module.reward({}, np.full(6, 0.5), {}) == 1.0


def test_works_without_autoreward_and_jax(tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah) -> None:
    export_reward(tmp_path, PLAIN, compile_reward(PLAIN), half_cheetah[0], {})
    script = (
        "import sys, warnings; warnings.simplefilter('error'); from reward import reward\n"
        "print(reward({}, [0.0] * 6, {'torso_up': [0, 0, 1], 'torso_velocity': [2, 0, 0]}))\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'jax', 'autoreward', 'scipy', 'numpy'}))\n"
    )
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{script}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert output == "3.5\n['numpy']\n"


def test_the_checked_program_stands_in_the_file(compile_reward: Compile, half_cheetah: Cheetah) -> None:
    text = reward_file(PLAIN, compile_reward(PLAIN), half_cheetah[0], 0.99, 'say """hi""" \\ {{ x }}\n')
    assert "import jax" not in text
    assert checked_text(checked_tree(PLAIN, FIELDS)) in text.replace("# a comment that stays\n", "")
    assert "\n# a comment that stays\nWEIGHTS = " in text
    assert "'torso_velocity': (3,),  # [m/s]" in text
    assert frame_findings(text) == []
    compile(text, "reward.py", "exec")


def test_the_program_of_an_exported_file_is_the_one_it_was_made_from(
    compile_reward: Compile, half_cheetah: Cheetah
) -> None:
    text = reward_file(PLAIN, compile_reward(PLAIN), half_cheetah[0], 0.99, "")
    assert ast.dump(ast.parse(program_in(text))) == ast.dump(checked_tree(PLAIN, FIELDS))
    assert program_in(PLAIN) == PLAIN


def test_tuned_numbers_replace_the_written_ones(
    tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah, load: Load
) -> None:
    compiled = compile_reward(PLAIN)
    tuned = compiled.model_copy(update={"weights": {**compiled.weights, "forward": 4.0}, "params": {"tilt": 0.1}})
    exported = load(export_reward(tmp_path, PLAIN, tuned, half_cheetah[0], {})[0])
    next_state = {"torso_up": [0.0, 0.0, 0.9], "torso_velocity": [2.0, 0.0, 0.0]}
    assert exported.reward({}, np.zeros(6), next_state) == pytest.approx(8.0 + 0.5 * np.exp(-1.0))


def test_mistakes_of_the_caller_are_named(
    tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah, load: Load
) -> None:
    exported = load(export_reward(tmp_path, PLAIN, compile_reward(PLAIN), half_cheetah[0], {})[0])
    good = {"torso_up": [0.0, 0.0, 1.0], "torso_velocity": [2.0, 0.0, 0.0]}
    with pytest.raises(AttributeError, match="next_state has no field 'torso_up'"):
        exported.reward({}, np.zeros(6), {"torso_velocity": [2.0, 0.0, 0.0]})
    with pytest.raises(ValueError, match=r"next_state\['torso_up'\] has shape \(2,\), expected \(1, 3\)"):
        exported.reward({}, np.zeros(6), good | {"torso_up": [0.0, 1.0]})
    for action in (np.zeros(5), np.zeros(12), np.zeros((2, 5))):
        with pytest.raises(ValueError, match=r"action has shape .*, expected \(6,\) or \(N, 6\)"):
            exported.reward({}, action, good)


def test_provenance(tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah) -> None:
    best = Fitness(mean=2.0, low=1.5, high=2.5, seeds=5, episodes=50)
    report = FinalReport(
        candidate="g01c02", selection=None, fresh=best, fresh_progress=None,
        baselines={"random": BaselineResult(fitness=best, progress=None)}, after_generation=1,
    )  # fmt: skip
    candidate = Candidate(id="g01c02", generation=1, parents=("g00c00",), source=PLAIN, designer="compose")
    task = TaskSpec(env="half_cheetah", name="forward", text="Run → forward.", metric=None)
    facts = provenance_of("2026_k3f9", candidate, task, Settings(), {"jax": "0.10"}, "abc", report)
    files = export_reward(tmp_path / "new", PLAIN, compile_reward(PLAIN), half_cheetah[0], facts)
    assert [file.name for file in files] == ["reward.py", "PROVENANCE.json"]
    stored = json.loads(files[1].read_text(encoding="utf-8"))
    assert stored["run"] == "2026_k3f9" and stored["task"]["text"] == "Run → forward."
    assert stored["results"]["best"]["mean"] == 2.0 and stored["results"]["human"] is None
    assert stored["gamma"] == half_cheetah[0].gamma and stored["versions"] == {"jax": "0.10"}
    assert "TASK = 'Run → forward.'" in files[0].read_text(encoding="utf-8")
    assert "base_url" not in stored["settings"]["llm"] and stored["settings"]["design"]["seed"] == 0
    of_another = provenance_of("r", candidate.model_copy(update={"id": "g00c00"}), task, Settings(), {}, "", report)
    assert of_another["results"] == {}


def test_a_place_that_cannot_be_written(tmp_path: Path, compile_reward: Compile, half_cheetah: Cheetah) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StorageError, match="taken"):
        export_reward(tmp_path / "taken", PLAIN, compile_reward(PLAIN), half_cheetah[0], {})
