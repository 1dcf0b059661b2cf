"""What all tests share: one compilation cache, and the reasons why a test is skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import TYPE_CHECKING

import hypothesis
import pytest
from jaxtyping import install_import_hook

if TYPE_CHECKING:  # what imports jax comes in the fixtures, after the environment is set
    from autoreward.records import Tier
    from autoreward.reward.sandbox.sandbox import Sandbox
    from autoreward.trainer.client import TrainerWorker

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "30"))  # of a property; more by `make test-all`
hypothesis.settings.register_profile("same examples every time", derandomize=True, deadline=None, max_examples=EXAMPLES)
hypothesis.settings.load_profile("same examples every time")

CHECKOUT = Path(__file__).resolve().parent.parent
BORROWERS = (  # packages that start sandboxes and trainers
    "autoreward.bench.bank",
    "autoreward.doctor",
    "autoreward.pack_tools",
    "autoreward.search",
    "autoreward.workflows",
)
SHAPES_CHECKED = (  # modules whose annotated shapes and types are checked at every call
    "autoreward.analyzer",
    "autoreward.environment.declarations",
    "autoreward.environment.mjx_env",
    "autoreward.environment.random_rollout",
    "autoreward.environment.simulation.c_simulation",
    "autoreward.environment.simulation.mjx_simulation",
    "autoreward.environment.simulation.randomisation",
    "autoreward.environment.vector_env",
    "autoreward.pack_tools.conformance",
    "autoreward.recordings",
    "autoreward.trainer.backends",
    "autoreward.trainer.population",
)
SHADOWED = (
    "queue",
    "typing",
    "random",
    "json",
    "numpy",
    "jax",
    "jax_plugins",
    "mujoco",
    "av",
    "pydantic",
    "autoreward",
)

# Two threads of BLAS beside another test's on two cores wait for each other, and burn what they wait.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# Set before anything imports jax, and in the environment so that child processes share the cache too.
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(CHECKOUT / ".cache" / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "0")
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")  # tests compile more than they compute; test-all sets 0
for name in [name for name in os.environ if name.startswith("AUTOREWARD_")]:
    del os.environ[name]  # a developer's own settings must not change what the tests see
install_import_hook(SHAPES_CHECKED, "beartype.beartype")


def _reason_to_skip(marker: str) -> str | None:
    if marker == "gpu":
        found = shutil.which("nvidia-smi") and subprocess.run(["nvidia-smi", "-L"], capture_output=True).stdout
        return None if found else "no CUDA device here"
    if marker == "chromium":
        found = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
        return None if found else "no Chromium on the path"
    if marker == "warp":
        return None if find_spec("warp") else "MuJoCo Warp (the extra warp) is not installed"
    if marker == "llm_key":
        return None if os.environ.get("OPENAI_API_KEY") else "OPENAI_API_KEY is not set"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what this machine cannot run, with the reason."""
    for marker in ("gpu", "chromium", "warp", "llm_key"):
        marked = [item for item in items if item.get_closest_marker(marker)]
        reason = _reason_to_skip(marker) if marked else None
        for item in marked:
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the configuration of the person who runs it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox for all tests: every job has a child of its own, so none sees another's."""
    from autoreward.reward.sandbox.sandbox import Sandbox

    with Sandbox() as started:
        yield started


@pytest.fixture(scope="session")
def warm_processes(sandbox: Sandbox) -> Iterator[tuple[Sandbox, TrainerWorker]]:
    """A sandbox and a trainer that stay warm from test to test: starting and compiling is most of a small search."""
    from autoreward.trainer.client import TrainerWorker
    from tests.remembering import RememberingSandbox

    with TrainerWorker() as worker:
        yield RememberingSandbox(sandbox), worker


@pytest.fixture
def warm(warm_processes: tuple[Sandbox, TrainerWorker]) -> Iterator[None]:
    """What starts a sandbox or a trainer in this process is lent the shared ones."""
    with lending(*warm_processes):
        yield


@contextmanager
def lending(sandbox: Sandbox, worker: TrainerWorker) -> Iterator[None]:
    """Within this, who wants to start a sandbox or a trainer gets these, and leaves them as they are."""

    def lend_sandbox(required: Tier = "basic") -> nullcontext[Sandbox]:
        sandbox.isolation.require(required)
        return nullcontext(sandbox)

    with pytest.MonkeyPatch.context() as patched:
        for module in modules_below(BORROWERS):
            if hasattr(module, "Sandbox"):
                patched.setattr(module, "Sandbox", lend_sandbox)
            if hasattr(module, "TrainerWorker"):
                patched.setattr(module, "TrainerWorker", lambda: nullcontext(worker))
        yield


def modules_below(packages: Sequence[str]) -> Iterator[ModuleType]:
    """All modules of these packages, imported."""
    for name in packages:
        package = import_module(name)
        yield from (import_module(found.name) for found in walk_packages(package.__path__, f"{name}."))


@pytest.fixture
def folder_of_shadows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, full of files with the names of modules; none of them may ever be imported by a child.

    One that is imported leaves a file `imported_NAME` beside it, and breaks who imported it.
    """
    folder = tmp_path / "shadows"
    folder.mkdir()
    for name in SHADOWED:
        mark = str(folder / f"imported_{name}")
        (folder / f"{name}.py").write_text(f"open({mark!r}, 'w').close()\nraise SystemExit('{name} was imported')\n")
    monkeypatch.chdir(folder)
    return folder
