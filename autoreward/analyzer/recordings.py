"""What the members of one candidate recorded while they trained. See trainer/README.md for the names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autoreward.records import MemberResult

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Recordings:
    """The arrays of one candidate, by seed. A member that failed early may have recorded nothing."""

    candidate: str
    members: tuple[MemberResult, ...]  # of this candidate, by seed
    arrays: Mapping[str, NDArray[Any]]  # "candidate/seed/name"

    @classmethod
    def of_candidate(
        cls, candidate: str, members: Sequence[MemberResult], arrays: Mapping[str, NDArray[Any]]
    ) -> Recordings:
        """The part of a population's results that belongs to one candidate."""
        mine = sorted((member for member in members if member.candidate == candidate), key=lambda member: member.seed)
        return cls(candidate, tuple(mine), arrays)

    @property
    def trained(self) -> tuple[MemberResult, ...]:
        """The members that ended with a policy, at the end of training or at a rung."""
        return tuple(member for member in self.members if member.status != "failed")

    def one(self, seed: int, name: str) -> NDArray[Any] | None:
        """One array of one member, float64, or None."""
        import numpy as np

        array = self.arrays.get(f"{self.candidate}/{seed}/{name}")
        return None if array is None else np.asarray(array, np.float64)

    def each(self, name: str) -> list[NDArray[Any]]:
        """One array of every member that has it."""
        found = (self.one(member.seed, name) for member in self.members)
        return [array for array in found if array is not None and len(array)]

    def pooled(self, name: str) -> NDArray[Any]:
        """One array of all members, joined along the first axis; `[0]` where nobody has it."""
        import numpy as np

        return np.concatenate(self.each(name) or [np.zeros(0)])


def finite_mean(values: NDArray[Any]) -> float | None:
    """The mean of the finite values; None where there is none."""
    import numpy as np

    finite = values[np.isfinite(values)]
    return float(np.mean(finite)) if finite.size else None
