"""An annotation is a type and is removed, or the program is refused; nothing of one ever reaches an export."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoreward.errors import UsageError
from autoreward.export.source import checked_tree, program_text
from autoreward.reward.language.rules import checked_text, parse

FIELDS = ("torso_up",)
PLACES = {  # where an annotation can stand
    "argument": "def f(x: {}): return x",
    "positional": "def f(x: {}, /): return x",
    "keyword": "def f(*, x: {} = 1): return x",
    "star": "def f(*x: {}): return x",
    "double_star": "def f(**x: {}): return x",
    "return": "def f(x) -> {}: return x",
    "inner": "def f(x):\n    def g(y: {}):\n        return y\n    return g(x)",
    "module": "A: {}",
    "module_value": "A: {} = 1.0",
    "module_parentheses": "(A): {} = 1.0",
    "local": "def f(x):\n    y: {}\n    return x",
    "local_value": "def f(x):\n    y: {} = x\n    return y",
    "branch": "def f(x):\n    if 1:\n        y: {} = x\n    return x",
    "loop": "def f(x):\n    for i in range(2):\n        y: {} = x\n    return x",
}
TARGETS = {  # where the target of an annotation is the expression
    "subscript": "A = [0.0]\nA[{}]: float",
    "subscript_of": "({})[0]: float",
    "attribute_of": "({}).shape: float",
    "local_subscript": "def f(x):\n    d = [0.0]\n    d[{}]: float\n    return x",
    "local_subscript_value": "def f(x):\n    d = [0.0]\n    d[{}]: float = 1.0\n    return x",
    "local_slice": "def f(x):\n    d = [0.0]\n    d[0:{}]: float\n    return x",
    "local_nested": "def f(x):\n    d = [[0.0]]\n    d[0][{}]: float\n    return x",
}
FRAMES = [  # every kind of expression around another one
    "{} or 1", "(q := {})", "{} + 1", "{} | None", "-{}", "lambda: {}", "lambda q={}: q", "{} if 1 else 2",
    "{{1: {}}}", "{{{}, 2}}", "[q for q in {}]", "{{q for q in {}}}", "{{q: 1 for q in {}}}", "(q for q in {})",
    "await {}", "(yield {})", "(yield)", "(yield from {})", "{} < 2", "dict({})", "{}()", "f'{{{}}}'",
    "f'{{1:{{{}}}}}'", "({}).shape",
    "dict[{}]", "dict[str, {}]", "({})[0]", "Callable[[{}], float]", "[{}]", "({}, float)", "dict[1:{}]",
    "tuple[*{}]", "typing.Annotated[float, {}]", "Literal[{}]",
]  # fmt: skip
LEAVES = ["canary", "canary(1)", "canary.system('x')", "__import__('canary')", "'canary(1)'", "'canary'"]
expressions = st.recursive(st.sampled_from(LEAVES), lambda inner: st.builds(str.format, st.sampled_from(FRAMES), inner))


def names_in(text: str) -> set[str]:
    """All that a text could reach by name: names, attributes, and texts that could be evaluated."""
    values: list[object] = []
    for node in ast.walk(ast.parse(text)):
        values += [getattr(node, field, None) for field in ("id", "attr", "arg", "name", "value")]
    return {word for value in values if isinstance(value, str) for word in ("canary", "import") if word in value}


@given(st.sampled_from([*PLACES.values(), *TARGETS.values()]), expressions)
def test_an_annotation_is_refused_or_absent_from_the_export(place: str, expression: str) -> None:
    source = place.format(expression)
    if not parse(source, FIELDS).runnable:
        with pytest.raises(UsageError):
            checked_tree(source, FIELDS)
        return
    text = program_text(checked_tree(source, FIELDS), source)
    assert not names_in(text)
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.AnnAssign)]


@pytest.mark.parametrize("frame", FRAMES)
def test_what_is_no_type_is_refused(frame: str) -> None:
    for place in PLACES.values():
        found = parse(place.format(frame.format("canary(1)")), FIELDS)
        assert not found.runnable, place
        assert {"static.annotation", "static.syntax"} & {finding.rule for finding in found.findings}, place
        assert all(finding.remedy for finding in found.findings)


@pytest.mark.parametrize("place", TARGETS.values(), ids=list(TARGETS))
@pytest.mark.parametrize("expression", ["0", "f(1)", "__import__('os')"])
def test_only_plain_names_are_annotated(place: str, expression: str) -> None:
    assert not parse(place.format(expression), FIELDS).runnable


@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
@pytest.mark.parametrize(
    "annotation",
    [
        "float", "None", "Any", "jnp.ndarray", "np.ndarray", "jax.Array", "'jnp.ndarray'", "dict[str, jnp.ndarray]",
        "Dict[str, Union[float, jnp.ndarray]]", "Optional[float]", "float | None", "tuple[float, ...]",
        "Callable[[float, float], jnp.ndarray]", "typing.Mapping[str, 'float']", "list[tuple[int, ...]] | None",
    ],
)  # fmt: skip
def test_types_are_removed(place: str, annotation: str) -> None:
    parsed = parse(place.format(annotation), FIELDS)
    assert parsed.findings == () and parsed.tree is not None
    without = parse(place.format("float"), FIELDS)
    assert without.tree is not None and checked_text(parsed.tree) == checked_text(without.tree)
    assert "float" not in (checked_text(parsed.tree) or "")


def test_every_kind_of_expression_is_tried() -> None:
    tried = {type(node) for frame in FRAMES for node in ast.walk(ast.parse(f"async def f():\n {frame.format('x')}"))}
    tried |= {ast.Name, ast.Constant, ast.FormattedValue}
    assert {kind for kind in ast.expr.__subclasses__() if kind.__module__ == "ast"} - {ast.Slice} - tried == set()
