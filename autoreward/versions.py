"""The versions of installed packages: what a run, a measurement and the doctor write down."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata

PACKAGES = ("autoreward", "jax", "mujoco", "mjbatch", "numpy", "optax", "gymnasium", "openai")  # that results depend on
NOT_INSTALLED = "not installed"


def installed_version(package: str) -> str | None:
    """The version of a distribution package; None where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def installed_versions(packages: Iterable[str] = PACKAGES) -> dict[str, str]:
    """The version of each package, or "not installed"."""
    return {name: installed_version(name) or NOT_INSTALLED for name in packages}
