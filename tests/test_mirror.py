"""Tests mirror the package, file for file: `autoreward/search/loop.py` has `tests/search/test_loop.py`."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "autoreward"
TESTS = PACKAGE.parent / "tests"
LEAST = 0.78  # share of the modules with behaviour of their own that have a file of tests
# What has none, and why. A module that gets its file leaves this list.
ELSEWHERE = {
    "a command is its options and one call: tests/cli/test_commands.py, test_person.py and test_main.py run them": (
        "cli/check", "cli/config", "cli/design", "cli/doctor", "cli/guide", "cli/init", "cli/list_runs", "cli/options",
        "cli/refine", "cli/reply", "cli/resume", "cli/search", "cli/show", "cli/train", "cli/bench_tables",
        "cli/bench_output", "cli/bench_weights",
    ),
    "each function hands on to a workflow, a search or a run, which have their own": (
        "api/arguments", "api/packs", "api/pages", "api/people", "api/reading", "api/rewards", "api/searching",
        "api/tools", "bench/api",
    ),
    "only a whole sandbox shows it: tests/reward/sandbox/test_isolation.py, test_escapes.py, test_sandbox.py": (
        "reward/sandbox/child", "reward/sandbox/forkserver", "reward/sandbox/kernel",
        "reward/sandbox/limits", "reward/sandbox/seccomp", "reward/sandbox/selftest", "reward/sandbox/server",
    ),
    "a step of a search is one of tests/search/test_loop.py": (
        "search/asking", "search/best_reward", "search/final_evaluation",
        "search/entry", "search/generation", "search/selection",
    ),
    "a part of a training: tests/trainer/population/test_training.py and tests/trainer/backends/test_device.py": (
        "environment/stepping", "trainer/backends/backend", "trainer/backends/c_backend",
        "trainer/backends/foreign_backend", "trainer/backends/mjx_backend",
        "trainer/backends/mjx_statistics", "trainer/population/candidate_members",
        "trainer/population/episode_statistics", "trainer/population/measurement",
        "trainer/population/trainer", "trainer/combination/combination", "trainer/combination/making",
        "trainer/combination/learned",
    ),
    "one side of a comparison that takes minutes: `make bench` runs it": (
        "bench/baselines", "bench/contest", "bench/machine", "bench/ours", "bench/population", "bench/sb3_baseline",
        "bench/sb3_speed", "bench/shapes", "bench/bank/replay", "bench/source_alone", "bench/sb3_source",
    ),
    "a process of its own, seen by who starts it: test_clips.py, test_replays.py, test_opening.py, test_rendering.py": (
        "environment/clip_worker", "environment/replay_worker", "doctor/frame", "trainer/graphics",
        "environment/foreign/opening_worker", "environment/foreign/copies_worker", "runs/track_worker",
    ),
    "the processes of learners, seen by a whole training: tests/trainer/off_policy/test_training.py": (
        "trainer/off_policy/learners", "trainer/off_policy/worker", "trainer/deadlines",
    ),
    "what lies between: tests/environment/foreign/test_foreign_env.py, tests/search/test_foreign.py": (
        "environment/foreign/facts", "environment/foreign/loading", "environment/foreign/crafting_fields",
    ),
    "a page as a browser shows it: tests/web/test_browser.py, and tests/cli/test_pages.py": (
        "cli/report", "cli/ui",
    ),
    "one half of what tests/search/test_given.py and tests/runs/test_taste.py look at": (
        "search/term_sums", "runs/proposals",
    ),
    "a record with a property, or a view made of records: tests/test_wire.py, tests/test_views.py": (
        "analyzer/family", "environment/environment", "records/people", "records/properties", "records/remarks",
        "records/report", "records/form", "records/training",
        "records/task", "views/bench",
        "views/envs", "views/metric", "views/people", "views/properties", "views/train",
    ),
}  # fmt: skip


def modules_with_behaviour() -> set[str]:
    """`search/loop`, ... of the package: those with a function that does something."""
    files = (file for file in PACKAGE.rglob("*.py") if file.stem not in ("__init__", "__main__"))
    return {
        file.relative_to(PACKAGE).with_suffix("").as_posix()
        for file in files
        if any(map(does_something, ast.walk(ast.parse(file.read_text(encoding="utf-8")))))
    }


def does_something(node: ast.AST) -> bool:
    """Whether it is a function with more than a docstring and `...`."""
    return isinstance(node, ast.FunctionDef) and not all(
        isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) for line in node.body
    )


def has_tests(module: str) -> bool:
    folder, _, name = module.rpartition("/")
    return (TESTS / folder / f"test_{name}.py").is_file()


def test_every_module_has_its_tests_or_a_reason_why_not() -> None:
    excused = {module for several in ELSEWHERE.values() for module in several}
    without = {module for module in modules_with_behaviour() if not has_tests(module)}
    assert sorted(without - excused) == []
    assert sorted(excused - without) == [], "these have tests now, or are gone: take them from the list"


def test_most_have_tests() -> None:
    modules = modules_with_behaviour()
    assert sum(map(has_tests, modules)) / len(modules) >= LEAST
