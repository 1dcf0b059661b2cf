"""Who rates where nobody says so."""

from __future__ import annotations

import pwd

import pytest

from autoreward.errors import UsageError
from autoreward.people import raters
from autoreward.people.raters import rater_name


def test_the_name_that_is_given_or_that_of_the_account() -> None:
    assert rater_name(" anna ") == "anna"
    assert rater_name(None)
    with pytest.raises(UsageError, match="no name of a rater"):
        rater_name("")


def test_an_account_without_a_name_is_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    monkeypatch.setattr(raters.pwd, "getpwuid", nobody)
    assert rater_name(None) == "person"
