"""Making an environment pack from a person's own MJCF file, and checking any pack against the contract.

One line in a test of one's own::

    assert check_pack("./my_robot").findings == ()
"""

from __future__ import annotations

from autoreward.packs.contract import PackReport, check_pack
from autoreward.packs.new import NewPack, new_pack

__all__ = ["NewPack", "PackReport", "check_pack", "new_pack"]
