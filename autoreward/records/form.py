"""How the terms of a program become one number: data beside the weights, applied outside the program like them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from autoreward.records.record import Record

FormKind = Literal["sum", "gate", "product", "root", "min", "centred", "accumulated", "sign"]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Form(Record):
    """`FORM` of a program. x_k = weight_k * term_k; without a `FORM` the reward is the sum of all x_k.

    `delta` and `clip` go with every kind: what a term has changed by since the step before, in place of the term; and
    the limits of the reward. A potential is added after that.
    """

    kind: FormKind = "sum"
    gates: tuple[str, ...] = ()  # gate: terms in [0, 1] whose product multiplies the sum of the others
    penalties: tuple[str, ...] = ()  # product: the same, of what is to be avoided: 1 where nothing is wrong
    terminal: tuple[str, ...] = ()  # product: paid only where the episode terminates; a cost has a negative weight
    outcome: tuple[str, ...] = ()  # accumulated: paid as they come; the others wait for the end of the episode,
    threshold: Finite | None = None  # and are paid there if the outcome of the episode sums up to this
    sparse: tuple[str, ...] = ()  # sign: of their sum alone the sign is paid, and SIGN_SHARE of the sign of the others'
    reference: Finite | None = None  # centred: the reward that counts as one half; None: that of a random policy
    delta: tuple[str, ...] = ()
    clip: tuple[Finite, Finite] | None = None

    @property
    def remembers(self) -> bool:
        """Whether what a step pays depends on earlier steps of its episode."""
        return self.kind == "accumulated" or bool(self.delta)

    @property
    def plain(self) -> bool:
        """Whether it is the sum of the weighted terms and nothing else."""
        return self == Form()

    @property
    def factors(self) -> tuple[str, ...]:
        """The terms in [0, 1] whose product multiplies what the others pay; their weights are exponents."""
        return self.gates if self.kind == "gate" else self.penalties if self.kind == "product" else ()

    def data(self) -> dict[str, Any]:
        """As it is written in a program: `{"kind": "gate", "gates": ["upright"]}`."""
        told = self.model_dump(exclude_defaults=True) | {"kind": self.kind}
        ordered = {"kind": told.pop("kind"), **told}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in ordered.items()}


SUM = Form()  # of a program without a FORM
