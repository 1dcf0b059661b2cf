"""Python text is parsed by one thread at a time."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autoreward.python_text import parse_expression, parse_module

PACKAGE = Path(__file__).resolve().parent.parent / "autoreward"


def test_many_threads_at_once() -> None:
    source = "\n".join(f"def f{number}(x):\n    return [x, (x + {number}) * 2, {{'a': x}}]" for number in range(200))
    with ThreadPoolExecutor(8) as pool:
        trees = list(pool.map(parse_module, [source] * 48))
    assert {ast.dump(tree) for tree in trees} == {ast.dump(ast.parse(source))}


def test_an_expression() -> None:
    assert ast.unparse(parse_expression("a+ 1")) == "a + 1"


def test_nobody_parses_past_it() -> None:
    past = [file.name for file in PACKAGE.rglob("*.py") if "ast.parse(" in file.read_text(encoding="utf-8")]
    assert past == ["python_text.py"]
