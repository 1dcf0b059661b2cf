"""Names: bound in the program or part of the language, and nothing is kept between calls."""

from __future__ import annotations

import ast

import pytest

from autoreward.reward.language.name_rules import name_findings

FUNCTION = "W = {'a': 1.0}\n\n\ndef f(state, action):\n    "


def told(source: str) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.message, finding.remedy) for finding in name_findings(ast.parse(source))]


@pytest.mark.parametrize(
    "source",
    [
        "return jnp.linalg.norm(action) + math.pi",
        "x = action\n    return [y + x for y in range(3)]",
        "def g(z=1):\n        return z\n    return g()",
        "return (lambda *a, b=1, **c: (a, b, c))(state)",
        "total = []\n    total.append(action)\n    total[0] = 1\n    return total",
        "for i in range(3):\n        x = i\n    return x + i",
        "return W['a'] + f(state, action)",
    ],
)
def test_names_that_are_bound(source: str) -> None:
    assert told(FUNCTION + source) == []


@pytest.mark.parametrize(
    ("line", "words", "cure"),
    [
        ("return stat", "the name 'stat' does not exist", "Did you mean state?"),
        ("return sqrt(action)", "the name 'sqrt' does not exist", "Write jnp.sqrt."),
        ("return wholly_other", "does not exist", "Define it, or use a function of jnp."),
        ("return jnp", "jnp is used as a value", "jnp.exp"),
        ("jnp = 1", "'jnp' is given another meaning", "another name"),
        ("x__y = 1", "contains a double underscore", "plain name"),
        ("return y + sum(y for y in action)", "the name 'y' does not exist", ""),  # bound inside only
    ],
)
def test_names_that_are_refused(line: str, words: str, cure: str) -> None:
    (finding,) = told(FUNCTION + line)
    assert finding[0] == "static.name" and words in finding[1] and cure in finding[2]


def test_a_name_of_python_is_not_taken_by_the_module() -> None:
    assert [message for _, message, _ in told("sum = 1\nlist, b = 1, 2\n")] == [
        "'sum' is a name of Python itself", "'list' is a name of Python itself",
    ]  # fmt: skip
    assert told(FUNCTION + "sum = 1\n    return sum") == []  # inside a function it is a name like any other


@pytest.mark.parametrize(
    "line", ["W['a'] = 2.0", "W.update(a=2.0)", "state.x[0] = 1", "W['b'].append(1)", "del W['a']", "W['a'] += 1"]
)
def test_what_is_not_local_is_not_changed(line: str) -> None:
    (finding,) = told(FUNCTION + line)
    assert finding[0] == "static.store" and "is changed inside the program" in finding[1]


def test_the_module_itself_may_fill_its_values() -> None:
    assert told("W = {}\nW['a'] = 1.0\n") == []
