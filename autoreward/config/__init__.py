"""Settings: what can be set, and the layers that a value comes from."""

from autoreward.config.layers import ARGUMENT, LoadedSettings, load_settings, setting_key, setting_values
from autoreward.config.settings import (
    FACTOR,
    RANK_EXAMPLE,
    BudgetSettings,
    DesignSettings,
    ModelSettings,
    Settings,
)

__all__ = [
    "ARGUMENT",
    "FACTOR",
    "RANK_EXAMPLE",
    "BudgetSettings",
    "DesignSettings",
    "LoadedSettings",
    "ModelSettings",
    "Settings",
    "load_settings",
    "setting_key",
    "setting_values",
]
