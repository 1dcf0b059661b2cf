"""Where the time of a training goes, by timing around its seams from outside. For a profile, not for a rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

PHYSICS = "physics"
ENVIRONMENT = "observation, recording, reset noise"
POLICY = "policy"
REWARDS = "fields, rewards, accounting"
UPDATE = "update"
OTHER = "other"
NAMES = (PHYSICS, ENVIRONMENT, POLICY, REWARDS, UPDATE, OTHER)


class Seams:
    """Charges every moment to what is being done; inside a seam within a seam, to the inner one.

    Where several threads are inside seams at once, each is charged its part of the moment. Where none is, it goes to
    `other`. JAX works behind the caller's back: at the end of a seam its results are waited for, so the time is charged
    where the work was asked for.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: dict[int, list[str]] = {}  # by thread, the innermost last
        self.restart()

    def restart(self) -> None:
        """Forget what was charged so far."""
        with self._lock:
            self._spent = dict.fromkeys(NAMES, 0.0)
            self._last = time.perf_counter()

    def shares(self) -> dict[str, float]:
        """What each took of the time since the last restart."""
        with self._lock:
            self._charge()
            total = sum(self._spent.values())
            return {name: round(spent / total, 4) if total else 0.0 for name, spent in self._spent.items()}

    def enter(self, thread: int, name: str) -> None:
        """A thread comes to a seam."""
        with self._lock:
            self._charge()
            self._inside.setdefault(thread, []).append(name)

    def leave(self, thread: int) -> None:
        """A thread leaves the seam that it came to last."""
        with self._lock:
            self._charge()
            self._inside[thread].pop()

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time charged to `name`."""

        def charged(*arguments: Any, **named: Any) -> Any:
            import jax

            thread = threading.get_ident()
            self.enter(thread, name)
            try:
                return jax.block_until_ready(function(*arguments, **named))
            finally:
                self.leave(thread)

        return charged

    def install(self) -> None:
        """Put the seams around the trainer's parts, in this process."""
        from autoreward.environment.simulation.c_simulation import CSimulation
        from autoreward.environment.vector_env import VectorEnv
        from autoreward.trainer.backends.c_backend import CBackend
        from autoreward.trainer.population.candidate_members import CandidateMembers
        from autoreward.trainer.population.programs import PopulationPrograms
        from autoreward.trainer.population.training import PopulationTraining

        self._wrap(CSimulation, {"step": PHYSICS, "reset": PHYSICS})
        self._wrap(VectorEnv, {"step": ENVIRONMENT, "new_rollout": ENVIRONMENT, "finish": REWARDS, "fields": REWARDS})
        self._wrap(CBackend, {"_reset_noise": ENVIRONMENT, "_action_noise": POLICY})
        self._wrap(CandidateMembers, {"add_rollout": REWARDS, "check_improved": REWARDS})
        self._wrap(PopulationTraining, {"_compute_rewards": REWARDS, "_update_batch": UPDATE, "_shuffle": UPDATE})
        self._wrap_programs(PopulationPrograms)

    def _charge(self) -> None:
        now = time.perf_counter()
        doing = [names[-1] for names in self._inside.values() if names] or [OTHER]
        for name in doing:
            self._spent[name] += (now - self._last) / len(doing)
        self._last = now

    def _wrap(self, owner: Any, names: Mapping[str, str]) -> None:
        """A part that is not there any more is charged to whatever is around it."""
        for attribute, name in names.items():
            if hasattr(owner, attribute):
                setattr(owner, attribute, self.around(name, getattr(owner, attribute)))

    def _wrap_programs(self, programs: Any) -> None:
        """Compiled functions are attributes of each object, so they are wrapped when it is made."""
        make = programs.__init__
        seams = {"act": POLICY, "keep": UPDATE, "update": UPDATE}

        def made(this: Any, *arguments: Any, **named: Any) -> None:
            make(this, *arguments, **named)
            self._wrap(this, seams)

        programs.__init__ = made
