"""A population on a device (MJX, here on the CPU) beside the same one in the C simulation: same noise, same numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from autoreward.config import load_settings
from autoreward.environment.declarations import action_range
from autoreward.environment.mjx_env import MjxEnv
from autoreward.environment.pack import Noise, Pack, load_pack
from autoreward.environment.simulation import mjx_simulation
from autoreward.environment.simulation.model import load_model
from autoreward.errors import EnvironmentFailedError
from autoreward.recordings import flatten
from autoreward.records import CombinationSpec, PPOSettings, RewardSpec, TrainingJob
from autoreward.reward.program import MetricProgram
from autoreward.trainer.backends import device as device_module
from autoreward.trainer.backends.c_backend import CBackend, CBackendFactory
from autoreward.trainer.backends.device import (
    choose_device,
    choose_device_settings,
    estimate_bytes_each,
    halve_environments,
    has_sizes_for_devices,
    impl_of,
)
from autoreward.trainer.backends.mjx_backend import MjxBackend, MjxPrograms
from autoreward.trainer.population.guard import Guard
from autoreward.trainer.population.programs import PopulationPrograms, member_keys, seed_array
from autoreward.trainer.population.seeding import Purpose, ResetNoise
from autoreward.trainer.population.trainer import Attempt, Backends, Trainer, discount, train_where_it_fits
from autoreward.trainer.population.training import PopulationTraining, TrainedPopulation
from tests.trainer.conftest import SMALL, Compiled, recorded

MakeJob = Callable[..., TrainingJob]
ON_DEVICE = {"device": "cpu-mjx", "ppo": SMALL.model_copy(update={"device_envs": SMALL.num_envs})}


class DeviceNoise(ResetNoise):
    """The reset noise that the device draws."""

    def __init__(self, device: MjxPrograms, keys: jax.Array) -> None:
        self._device, self._keys = device, keys

    def at(self, t: int) -> Noise:
        drawn = self._device.reset_noise(self._keys, jnp.int32(t))
        return Noise(np.asarray(drawn.uniform), np.asarray(drawn.normal))


class SameNoise(CBackend):
    """The C simulation, with the reset noise of the device."""

    def __init__(self, device: MjxPrograms, *arguments: Any) -> None:
        self._device = device
        super().__init__(*arguments)

    def _first_noise(self, iterations_done: int) -> DeviceNoise:
        return self._reset_noise(iterations_done - 1, 1)

    def _reset_noise(self, iteration: int, num_steps: int) -> DeviceNoise:
        keys = member_keys(np.int32(self._job_seed), seed_array(self._seeds), Purpose.RESETS, np.int32(iteration + 1))
        return DeviceNoise(self._device, keys)


@dataclass(frozen=True)
class Both:
    """The inverted pendulum on both backends."""

    pack: Pack
    programs: PopulationPrograms
    device: MjxPrograms

    def backend(self, on_device: bool) -> MjxBackend | SameNoise:
        if on_device:
            return MjxBackend(self.device, self.programs, SMALL, 0)
        return SameNoise(self.device, self.pack, self.programs, SMALL, 0)

    def train(self, on_device: bool, job: TrainingJob, compiled: Compiled) -> TrainedPopulation:
        metric, gamma = MetricProgram(compiled.metric), discount(self.pack, SMALL)
        return PopulationTraining(job, gamma, self.programs, metric, self.backend(on_device), Guard()).run(0.0, None)


@pytest.fixture(scope="module")
def both() -> Both:
    pack = load_pack("inverted_pendulum")
    actions = action_range(pack, load_model(pack))
    programs = PopulationPrograms(pack.observation_size, actions, SMALL, discount(pack, SMALL))
    return Both(pack, programs, MjxPrograms(MjxEnv(pack), programs, SMALL))


@pytest.mark.thorough
def test_a_rollout_is_that_of_the_c_simulation(both: Both) -> None:
    """float32 against float64: 32 steps of a pole that falls and starts again differ in the sixth digit."""
    seeds = (0, 1, 0, 1)
    member = both.programs.initialise(0, seeds)
    backends = (both.backend(on_device=True), both.backend(on_device=False))
    for backend in backends:
        backend.reset(seeds, 0)
    ours, theirs = (backend.roll_out(member, 0) for backend in backends)
    assert theirs.steps.terminated.sum() > 10
    for name in ("elapsed", "terminated", "truncated", "diverged"):
        np.testing.assert_array_equal(getattr(ours.steps, name), getattr(theirs.steps, name), err_msg=name)
    for name in ("observation", "next_observation", "action", "previous_action"):
        np.testing.assert_allclose(getattr(ours.steps, name), getattr(theirs.steps, name), rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(ours.action, theirs.action, rtol=2e-5, atol=2e-5)
    np.testing.assert_array_equal(ours.noise, theirs.noise)
    for own, other in ((ours.state, theirs.state), (ours.next_state, theirs.next_state)):
        assert own.keys() == other.keys()
        for name, array in own.items():
            np.testing.assert_allclose(array, other[name], rtol=2e-5, atol=2e-5, err_msg=name)


@pytest.mark.thorough
def test_an_update_and_all_curves_are_those_of_the_c_simulation(both: Both, job: MakeJob, compiled: Compiled) -> None:
    """Two rollouts and updates; a training amplifies the differences of the first ones, so it stays short."""
    asked = job({"a": compiled.alive, "sparse": None}, n_timesteps=2 * SMALL.num_envs * SMALL.num_steps)
    ours, theirs = (both.train(on_device, asked, compiled) for on_device in (True, False))
    for own, other in zip(jax.tree.leaves(ours.best), jax.tree.leaves(theirs.best), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-3, atol=1e-3)
    for own_candidate, other_candidate in zip(ours.candidates, theirs.candidates, strict=True):
        own_arrays, arrays = flatten(own_candidate.recordings()), flatten(other_candidate.recordings())
        assert own_arrays.keys() == arrays.keys()
        for name, array in own_arrays.items():
            np.testing.assert_allclose(array, arrays[name], rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.mark.thorough
@pytest.mark.parametrize("device", ["cpu-mjx", pytest.param("cpu-warp", marks=pytest.mark.warp)])
def test_a_failing_reward_fails_alone_and_nothing_is_compiled_again(
    device: str, job: MakeJob, compiled: Compiled
) -> None:
    trainer, placed = Trainer(), ON_DEVICE | {"device": device}
    result, recordings = trainer.train(job({"a": compiled.alive, "b": compiled.fragile}).model_copy(update=placed))
    assert (result.device, result.notes) == (device, ())
    by_name = {(member.candidate, member.seed): member for member in result.members}
    assert by_name["a", 0].status == by_name["a", 1].status == "trained"
    finding = by_name["b", 0].finding
    assert finding is not None and "term 'root' at" in finding.message
    np.testing.assert_allclose(
        recorded(recordings, "a", 0).episodes.term_sums[:, 0],
        recorded(recordings, "a", 0).episodes.length - 1,
        rtol=1e-6,
    )
    (on_device,) = trainer.backends.of_device(device, load_pack("inverted_pendulum")).programs.values()
    (programs,) = (one for key, one in trainer.programs.items() if key[1] == ON_DEVICE["ppo"])
    everything = (on_device.start, on_device.roll, programs.update_together, programs.action_noise)
    before = [one._cache_size() for one in everything]
    fewer, _ = trainer.train(job({"c": compiled.centred}).model_copy(update=placed))
    assert [(member.candidate, member.seed) for member in fewer.members] == [("c", seed) for seed in range(4)]
    assert [one._cache_size() for one in everything] == before


def test_without_a_gpu_auto_is_the_cpu_and_cuda_says_so() -> None:
    pack = load_pack("inverted_pendulum")
    if jax.default_backend() == "gpu":
        pytest.skip("there is a GPU here")
    assert choose_device("auto", pack) == "cpu"
    for wanted in ("cuda", "cuda-jax", "cuda-warp"):
        with pytest.raises(EnvironmentFailedError, match=f"--device {wanted}: jax sees no GPU"):
            choose_device(wanted, pack)


def test_on_a_gpu_warp_is_chosen_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "has_gpu", lambda: True)
    monkeypatch.setattr(device_module, "mjx_problem", lambda pack, impl: None)
    pack = load_pack("inverted_pendulum")
    for installed, chosen in ((True, "cuda-warp"), (False, "cuda-jax")):
        monkeypatch.setattr(device_module, "has_warp", lambda installed=installed: installed)
        assert choose_device("auto", pack) == choose_device("cuda", pack) == chosen
        assert choose_device("cuda-jax", pack) == "cuda-jax"
    assert [impl_of(device) for device in ("cuda-warp", "cpu-warp", "cuda-jax", "cpu-mjx")] == ["warp"] * 2 + [
        "jax"
    ] * 2


def test_warp_that_is_not_installed_is_named_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mjx_simulation, "has_warp", lambda: False)
    with pytest.raises(EnvironmentFailedError, match="MuJoCo Warp is not installed"):
        choose_device("cpu-warp", load_pack("inverted_pendulum"))


def test_more_environments_take_shorter_rollouts_and_the_same_minibatches() -> None:
    """24 members of 1 M steps: 8192 / 24 -> 256 environments, 32 steps, 8192 transitions in minibatches of 64."""
    chosen = choose_device_settings(PPOSettings(), members=24, n_timesteps=1_000_000, fitting=100_000)
    assert (chosen.num_envs, chosen.num_steps, chosen.num_minibatches) == (256, 32, 128)
    few = choose_device_settings(PPOSettings(), members=24, n_timesteps=1_000_000, fitting=24 * 100)
    assert (few.num_envs, few.num_steps, few.num_minibatches) == (64, 32, 32)
    short = choose_device_settings(PPOSettings(), members=1, n_timesteps=16_000, fitting=100_000)
    assert (short.num_envs, short.num_steps, short.num_minibatches) == (8, 32, 4)
    stated = choose_device_settings(PPOSettings(device_envs=100), members=1, n_timesteps=16_000, fitting=1)
    assert (stated.num_envs, stated.num_steps, stated.num_minibatches) == (100, 128, 32)


@pytest.mark.parametrize(
    ("assignment", "sizes"),
    [
        ("ppo.num_envs=16", (16, 128, 32)),  # as on the CPU, though it is the default there
        ("ppo.num_steps=64", (256, 64, 512)),  # the minibatches are half as large then, on the CPU too
        ("ppo.num_minibatches=4", (256, 32, 4)),
        ("ppo.device_steps=16", (256, 16, 64)),
    ],
)
def test_a_size_that_a_person_has_set_is_not_replaced(
    assignment: str, sizes: tuple[int, int, int], tmp_path: Path
) -> None:
    ppo = load_settings(sets=[assignment], directory=tmp_path, environ={}).settings.ppo
    chosen = choose_device_settings(ppo, members=24, n_timesteps=1_000_000, fitting=100_000)
    assert (chosen.num_envs, chosen.num_steps, chosen.num_minibatches) == sizes
    assert has_sizes_for_devices(ppo)


def test_nobody_has_set_a_size_by_default(tmp_path: Path) -> None:
    assert not has_sizes_for_devices(load_settings(directory=tmp_path, environ={}).settings.ppo)


def test_half_the_environments_keep_the_minibatches() -> None:
    half = halve_environments(PPOSettings(num_envs=256, num_steps=32, num_minibatches=16))
    assert (half.num_envs, half.num_steps, half.num_minibatches) == (128, 32, 8)
    assert halve_environments(PPOSettings(num_envs=1, num_steps=32, num_minibatches=1)).num_envs == 1


def attempts(*num_envs: int) -> list[Attempt]:
    return [Attempt("cpu-mjx", CBackendFactory(), PPOSettings(num_envs=count)) for count in num_envs]


def test_out_of_memory_tries_the_next_settings_and_says_so() -> None:
    tried, said = [], []

    def train(attempt: Attempt) -> float:
        tried.append(attempt.settings.num_envs)
        rows = 1 << 46 if attempt.settings.num_envs > 64 else 2  # 256 TiB: no allocator has them
        return float(jnp.ones(rows)[0])

    attempt, result = train_where_it_fits(attempts(128, 64, 16), train, said.append)
    assert (attempt.settings.num_envs, result) == (64, 1.0)
    assert tried == [128, 64]
    (note,) = said
    assert "Out of memory with 128 environments a member: RESOURCE_EXHAUSTED" in note
    with pytest.raises(jax.errors.JaxRuntimeError, match="RESOURCE_EXHAUSTED"):  # the last one has to do
        train_where_it_fits(attempts(512, 256), train, said.append)
    assert tried[2:] == [512, 256]


def test_on_a_device_memory_decides_twice_and_then_the_cpu_trains(job: MakeJob, compiled: Compiled) -> None:
    asked = job({"a": compiled.alive})
    pack = load_pack("inverted_pendulum")
    known = [(one.device, one.settings.num_envs) for one in Backends().attempts(asked, pack, "cpu-mjx")]
    (device, most), half, last = known
    assert (device, half) == ("cpu-mjx", ("cpu-mjx", most // 2 or 1))
    assert last == ("cpu", asked.ppo.num_envs)
    assert [one.device for one in Backends().attempts(asked, pack, "cpu")] == ["cpu"]


def test_other_errors_are_not_taken_for_a_lack_of_memory() -> None:
    def train(attempt: Attempt) -> None:
        raise jax.errors.JaxRuntimeError("INTERNAL: something else")

    with pytest.raises(jax.errors.JaxRuntimeError, match="something else"):
        train_where_it_fits(attempts(2, 1), train, pytest.fail)


def test_the_estimate_of_memory_is_above_what_is_recorded(both: Both) -> None:
    """By hand for the pendulum: a step records 2 x 7 numbers of fields, and more of observations and actions."""
    assert estimate_bytes_each(both.device.env, 32) > 32 * 4 * 2 * 7 + both.device.env.simulation.bytes_each


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["aligned", "episodic"])
def test_weights_are_learned_on_a_device_too(kind: str, job: MakeJob, compiled: Compiled) -> None:
    """The rollout stays there; what is learned of it is recorded, finite, and the same again."""
    combination = CombinationSpec.model_validate({"kind": kind})
    made = job({"a": compiled.alive, "b": compiled.alive}, n_timesteps=12_288)
    learned = RewardSpec(kind="program", compiled=compiled.alive, combination=combination)
    made = made.model_copy(update={**ON_DEVICE, "rewards": {**made.rewards, "b": learned}})
    result, recordings = Trainer().train(made)
    member = next(one for one in result.members if one.candidate == "b")
    assert result.device == "cpu-mjx" and member.status == "trained"
    assert set(member.weights) == {"alive", "still"} and np.isfinite(list(member.weights.values())).all()
    curves = recorded(recordings, "b", 0).curves
    assert curves is not None and len(np.unique(curves.weights, axis=0)) > 1
    assert Trainer().train(made)[0].members == result.members
