"""The structure of the code, read from its imports: which layer may know which, and what stands in one file only."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "autoreward"
# From the bottom up; the parts of one layer may know each other, except for the stages.
LAYERS = (
    {
        "records",
        "recordings",
        "errors",
        "wire",
        "templates",
        "plain_text",
        "number_format",
        "written_numbers",
        "python_text",
        "input_files",
        "validation",
        "redaction",
        "child_life",
    },
    {"config", "process_environment", "asked_child", "estimates", "intervals", "versions", "views"},
    {"reward"},
    {"environment", "llm", "ledger"},
    {"designer", "critic", "trainer", "analyzer", "people"},
    {"export"},
    {"search"},
    {"workflows", "runs", "pack_tools", "pages"},
    {"bench", "doctor"},
    {"api"},
    {"cli", "web", "__main__"},
)
STAGES = LAYERS[4]
HEAVY = {"jax", "torch", "mujoco", "mjbatch", "openai", "litellm", "matplotlib", "scipy", "stable_baselines3", "optax"}
# What runs in workers, or steps an environment: heavy packages stand at the top of these files.
HEAVY_ALLOWED = (
    "autoreward.bench.aligned_cost",
    "autoreward.environment.clip_worker",
    "autoreward.environment.replay_worker",
    "autoreward.environment.foreign.mujoco_arrays",
    "autoreward.environment.mjx_env",
    "autoreward.environment.random_rollout",
    "autoreward.environment.simulation.",
    "autoreward.environment.vector_env",
    "autoreward.pack_tools.",
    "autoreward.trainer.backends.",
    "autoreward.trainer.combination.",
    "autoreward.trainer.off_policy.",
    "autoreward.trainer.population.",
    "autoreward.reward.program",  # called in the worker
    "autoreward.reward.sandbox.child",
    "autoreward.reward.sandbox.jax_engine",
    "autoreward.reward.sandbox.steps",
    "autoreward.reward.sandbox.tracing",
    "autoreward.export.targets.torch_arrays",  # copied into exports, never imported
    "autoreward.bench.gpu",  # processes of their own
    "autoreward.bench.ours",
    "autoreward.bench.sb3_source",
    "autoreward.bench.adapting",
    "autoreward.bench.seed_sources",
    "autoreward.doctor.frame",
)
WORKERS = (
    "autoreward.reward.program",
    "autoreward.reward.sandbox.child",
    "autoreward.reward.sandbox.jax_engine",
    "autoreward.reward.sandbox.steps",
    "autoreward.reward.sandbox.tracing",
    "autoreward.trainer.backends.",
    "autoreward.trainer.combination.",
    "autoreward.trainer.off_policy.",
    "autoreward.trainer.population.",
)
SLOW = HEAVY | {"httpx", "tenacity", "genai_prices", "onnx", "av", "warp", "gymnasium", "jinja2"}
SLOW |= {"mjviser", "viser", "tensorboard", "wandb"}
# Where every function imports what it needs alone, so that no command loads what another one needs.
LAZY = ("autoreward.api.", "autoreward.bench.api", "autoreward.cli.")
LEVEL = {part: level for level, layer in enumerate(LAYERS) for part in layer}


@dataclass(frozen=True)
class Module:
    """One file of the package, parsed."""

    name: str  # `autoreward.search.loop`
    part: str  # `search`; "" for the package itself
    tree: ast.Module
    lines: tuple[str, ...]


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    return [parsed(path) for path in sorted(PACKAGE.rglob("*.py"))]


def parsed(path: Path) -> Module:
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    text = path.read_text(encoding="utf-8")
    return Module(name, part_of(name), ast.parse(text), tuple(text.splitlines()))


def part_of(name: str) -> str:
    """`autoreward.search.loop` -> `search`; "" for the package itself."""
    return name.split(".")[1] if "." in name else ""


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The full names that these nodes import."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            base = node.module or ""
            yield from (f"{base}.{alias.name}" if base == "autoreward" else base for alias in node.names)


def at_import(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported, without those for type checkers."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.If):
            condition = ast.unparse(statement.test)
            waiting += statement.orelse if condition == "TYPE_CHECKING" else statement.body + statement.orelse
        elif isinstance(statement, ast.Try):
            waiting += statement.body + statement.orelse + statement.finalbody
        else:
            yield statement


def roots(nodes: Iterable[ast.AST]) -> set[str]:
    """The top-level packages that these nodes import."""
    return {name.partition(".")[0] for name in imported(nodes)}


def calls(tree: ast.Module, names: set[str]) -> set[str]:
    return {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    }


def reads_the_environment(tree: ast.Module) -> bool:
    names = {"os.environ", "os.getenv", "os.environb"}
    return any(isinstance(node, ast.Attribute) and ast.unparse(node) in names for node in ast.walk(tree))


def misplaced_imports(module: Module) -> Iterator[str]:
    """What a module imports from above, or as one stage from another."""
    for name in sorted(set(imported(ast.walk(module.tree)))):
        part = part_of(name) if name.startswith("autoreward") else ""
        if not part or part == module.part or name == "autoreward.__version__":
            continue
        if part not in LEVEL:
            yield f"{module.name} imports {name}, and {part} has no place among the layers"
        elif LEVEL[part] > LEVEL[module.part]:
            yield f"{module.name} is below {part} and imports {name}"
        elif {part, module.part} <= STAGES:
            yield f"{module.name} imports {name}: stages exchange records"


def unexplained_imports(module: Module) -> Iterator[int]:
    """The lines of imports inside functions that are neither slow nor explained."""
    functions = [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)]
    for node in {inner for function in functions for inner in ast.walk(function)}:
        if isinstance(node, ast.Import | ast.ImportFrom):
            explained = "#" in module.lines[node.lineno - 1]
            if not explained and not roots([node]) <= SLOW:
                yield node.lineno


def test_every_part_has_a_place(modules: list[Module]) -> None:
    assert not {module.part for module in modules} - {""} - set(LEVEL)


def test_imports_point_down(modules: list[Module]) -> None:
    """The package's own `__init__` stands above all: it hands on what `api` offers."""
    assert not [line for module in modules if module.part for line in misplaced_imports(module)]


def test_source_is_executed_in_one_file_only(modules: list[Module]) -> None:
    others = [module for module in modules if module.name != "autoreward.reward.sandbox.child"]
    assert not [module.name for module in others if calls(module.tree, {"exec", "eval", "compile", "__import__"})]


def test_only_the_command_line_prints(modules: list[Module]) -> None:
    assert not [module.name for module in modules if module.part != "cli" and calls(module.tree, {"print"})]


def test_only_the_command_line_knows_how_text_is_styled(modules: list[Module]) -> None:
    others = [module for module in modules if module.part not in {"cli", "__main__"}]
    assert not [module.name for module in others if roots(ast.walk(module.tree)) & {"typer", "rich"}]


def test_the_environment_is_read_in_one_file_only(modules: list[Module]) -> None:
    others = [module for module in modules if module.name != "autoreward.process_environment"]
    assert not [module.name for module in others if reads_the_environment(module.tree)]


def test_heavy_packages_are_imported_when_needed(modules: list[Module]) -> None:
    others = [module for module in modules if not module.name.startswith(HEAVY_ALLOWED)]
    assert not [(module.name, heavy) for module in others if (heavy := roots(at_import(module.tree)) & HEAVY)]


def test_the_controller_imports_no_worker(modules: list[Module]) -> None:
    """Not even by way of another module of the package: that would load what the worker computes with."""
    others = [module for module in modules if not module.name.startswith(HEAVY_ALLOWED)]
    imports = {module.name: set(imported(at_import(module.tree))) for module in others}
    assert not [(name, worker) for name, several in imports.items() for worker in several if worker.startswith(WORKERS)]


def test_an_import_inside_a_function_has_a_reason(modules: list[Module]) -> None:
    """It is slow to load and not always needed; else a comment on its line says why it is there."""
    others = [module for module in modules if not module.name.startswith(LAZY)]
    assert not [(module.name, line) for module in others for line in unexplained_imports(module)]


def test_no_module_is_a_drawer_for_everything(modules: list[Module]) -> None:
    drawers = {"utils", "helpers", "misc", "common"}
    assert not [module.name for module in modules if module.name.rpartition(".")[2] in drawers]
