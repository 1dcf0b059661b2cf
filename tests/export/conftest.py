from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from autoreward.environment.pack import load_pack
from autoreward.environment.random_rollout import describe_environment, flatten_transitions, random_rollout
from autoreward.records import CompiledReward, EnvSpec, Transitions
from autoreward.reward.sandbox.sandbox import Sandbox


@pytest.fixture(scope="session")
def half_cheetah() -> tuple[EnvSpec, Transitions]:
    """A real environment and 256 transitions of it under random actions."""
    pack = load_pack("half_cheetah")
    env, rollout = random_rollout(pack, num_envs=8, num_steps=32)
    transitions = flatten_transitions(env, rollout)
    return describe_environment(pack, env, transitions), transitions


@pytest.fixture(scope="session")
def compile_reward(sandbox: Sandbox, half_cheetah: tuple[EnvSpec, Transitions]) -> Callable[[str], CompiledReward]:
    """The compiled program of a reward source."""

    def compile_source(source: str) -> CompiledReward:
        reply = sandbox.trace_reward(source, half_cheetah[0])
        assert reply.compiled is not None, reply
        return reply.compiled

    return compile_source


@pytest.fixture
def load() -> Callable[[Path], ModuleType]:
    """Imports an exported file as a person would."""

    def import_file(path: Path) -> ModuleType:
        spec = importlib.util.spec_from_file_location("exported_reward", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return import_file
