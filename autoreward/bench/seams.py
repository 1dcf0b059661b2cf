"""Where the time of a training goes, by timing around its seams from outside. For a profile, not for a rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

PHYSICS = "physics"
ENVIRONMENT = "observation and recording"
POLICY = "policy"
REWARDS = "fields, rewards, accounting"
UPDATE = "update"
OTHER = "other"


class Seams:
    """Charges time to what it was spent on; inside a seam within a seam, to the inner one only.

    JAX works behind the caller's back: at the end of a seam its results are waited for, so the time is charged
    where the work was asked for. What runs in several threads at once counts in each.
    """

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._lock = threading.Lock()
        self._local = threading.local()

    def restart(self) -> None:
        """Forget what was charged so far."""
        with self._lock:
            self._spent = {}

    def shares(self, seconds: float) -> dict[str, float]:
        """What each seam took of `seconds`; the rest is under `other`."""
        with self._lock:
            shares = {name: self._spent.get(name, 0.0) / seconds for name in (PHYSICS, ENVIRONMENT, POLICY, REWARDS)}
            shares[UPDATE] = self._spent.get(UPDATE, 0.0) / seconds
        shares[OTHER] = max(0.0, 1.0 - sum(shares.values()))
        return {name: round(share, 4) for name, share in shares.items()}

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time charged to `name`."""

        def charged(*arguments: Any, **named: Any) -> Any:
            import jax

            inner, self._local.inner = getattr(self._local, "inner", 0.0), 0.0
            started = time.perf_counter()
            try:
                return jax.block_until_ready(function(*arguments, **named))
            finally:
                took = time.perf_counter() - started
                with self._lock:
                    self._spent[name] = self._spent.get(name, 0.0) + took - self._local.inner
                self._local.inner = inner + took

        return charged

    def install(self) -> None:
        """Put the seams around the trainer's parts, in this process."""
        from autoreward.physics.simulation import CSimulation
        from autoreward.physics.vector_env import VectorEnv
        from autoreward.trainer.group import Group
        from autoreward.trainer.programs import PopulationPrograms

        _wrap(self, CSimulation, {"step": PHYSICS, "reset": PHYSICS})
        _wrap(self, VectorEnv, {"step": ENVIRONMENT, "new_slab": ENVIRONMENT, "finish": REWARDS, "fields": REWARDS})
        _wrap(self, Group, {"pay": REWARDS, "improved": REWARDS})
        self._wrap_programs(PopulationPrograms)

    def _wrap_programs(self, programs: Any) -> None:
        """Compiled functions are attributes of each object, so they are wrapped when it is made."""
        make = programs.__init__
        seams = {"act": POLICY, "action_noise": POLICY, "keep": UPDATE, "update": UPDATE}

        def made(this: Any, *arguments: Any, **named: Any) -> None:
            make(this, *arguments, **named)
            for attribute, name in seams.items():
                setattr(this, attribute, self.around(name, getattr(this, attribute)))

        programs.__init__ = made


def _wrap(seams: Seams, owner: Any, names: Mapping[str, str]) -> None:
    for attribute, name in names.items():
        setattr(owner, attribute, seams.around(name, getattr(owner, attribute)))
