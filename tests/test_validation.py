"""What pydantic finds, in words for people."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from autoreward.records import PropertyFile
from autoreward.validation import first_mistake

STANDS = {"words": "stands"}


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([{"better": STANDS}], "pairs.0.worse is missing"),
        (
            [{"better": STANDS, "worse": {"words": "falls", "sped": {}}}],
            "pairs.0.worse.sped is a name that is not known",
        ),
        ([{"better": STANDS, "worse": {"words": "falls", "seconds": 0.5}}], "pairs.0.worse: 'falls': seconds is 0.5"),
        (
            [{"better": STANDS, "worse": {"words": "falls", "seconds": "long"}}],
            "pairs.0.worse.seconds is 'long': should",
        ),
        (7, "pairs is 7: should be"),
    ],
)
def test_the_first_mistake_says_where_it_stands_and_what_was_seen(pairs: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PropertyFile.model_validate({"env": "hopper", "pairs": pairs})
    assert first_mistake(caught.value).startswith(said)
    assert "pydantic" not in first_mistake(caught.value) and "\n" not in first_mistake(caught.value)
