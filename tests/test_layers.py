"""The structure of the code, read from its imports: which layer may know which, and what stands in one file only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "autoreward"
# From the bottom up; the parts of one layer may know each other, except for the stages.
LAYERS = (
    {"records", "errors", "wire", "templates"},
    {"config", "intervals", "views"},
    {"reward"},
    {"environment", "llm", "ledger"},
    {"designer", "critic", "trainer", "analyzer", "people"},
    {"export"},
    {"search"},
    {"workflows", "runs", "pack_tools"},
    {"bench", "doctor"},
    {"api"},
    {"cli", "web", "__main__"},
)
STAGES = LAYERS[4]
HEAVY = {"jax", "torch", "mujoco", "mjbatch", "openai", "litellm", "matplotlib", "scipy", "stable_baselines3", "optax"}
LEVEL = {part: level for level, layer in enumerate(LAYERS) for part in layer}
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def part_of(module: str) -> str:
    """`autoreward.search.halving` -> `search`; "" for the package itself."""
    return module.split(".")[1] if "." in module else ""


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(nodes: Iterator[ast.AST] | list[ast.stmt]) -> Iterator[str]:
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


def calls(tree: ast.Module, names: set[str]) -> set[str]:
    return {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    }


def by_name(path: Path) -> str:
    return name_of(path)


every_module = pytest.mark.parametrize("path", MODULES, ids=by_name)


@every_module
def test_imports_point_down(path: Path) -> None:
    """The package's own `__init__` stands above all: it hands on what `api` offers."""
    importer = part_of(name_of(path))
    if not importer:
        return
    for module in imported(ast.walk(tree_of(path))):
        part = part_of(module) if module.startswith("autoreward") else ""
        if not part or part == importer or module == "autoreward.__version__":
            continue
        assert part in LEVEL, f"{part} has no place among the layers"
        assert LEVEL[part] <= LEVEL[importer], f"{importer} is below {part} and imports it"
        assert not {part, importer} <= STAGES, f"{importer} and {part} are stages: they exchange records"


@every_module
def test_every_part_has_a_place(path: Path) -> None:
    part = part_of(name_of(path))
    assert not part or part in LEVEL


@every_module
def test_source_is_executed_in_one_file_only(path: Path) -> None:
    found = calls(tree_of(path), {"exec", "eval", "compile", "__import__"})
    if name_of(path) != "autoreward.reward.sandbox.child":
        assert not found


@every_module
def test_only_the_command_line_prints(path: Path) -> None:
    if part_of(name_of(path)) != "cli":
        assert not calls(tree_of(path), {"print"})


@every_module
def test_only_the_command_line_knows_how_text_is_styled(path: Path) -> None:
    roots = {module.partition(".")[0] for module in imported(ast.walk(tree_of(path)))}
    if part_of(name_of(path)) not in {"cli", "__main__"}:
        assert not roots & {"typer", "rich"}


@every_module
def test_the_environment_is_read_in_one_file_only(path: Path) -> None:
    found = {
        ast.unparse(node)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv", "os.environb"}
    }
    if name_of(path) != "autoreward.config":
        assert not found


@every_module
def test_heavy_packages_are_imported_when_needed(path: Path) -> None:
    roots = {module.partition(".")[0] for module in imported(list(at_import(tree_of(path))))}
    assert not roots & HEAVY


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not [path for path in MODULES if path.stem in {"utils", "helpers", "misc", "common"}]
