"""Making an environment pack from a person's own MJCF file."""

from __future__ import annotations

from autoreward.pack_tools.scaffold.new import NewPack, new_pack

__all__ = ["NewPack", "new_pack"]
