"""The versions that runs and measurements write down."""

from __future__ import annotations

from autoreward.versions import installed_version, installed_versions


def test_a_package_that_is_missing_is_said_to_be() -> None:
    assert installed_version("never-heard-of") is None
    versions = installed_versions(("numpy", "never-heard-of"))
    assert versions["never-heard-of"] == "not installed"
    assert versions["numpy"] == installed_version("numpy")
