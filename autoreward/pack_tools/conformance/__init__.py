"""Checking any pack against the contract.

One line in a test of one's own::

    assert check_pack("./my_robot").findings == ()
"""

from __future__ import annotations

from autoreward.pack_tools.conformance.suite import PackReport, check_pack

__all__ = ["PackReport", "check_pack"]
