"""What members have to keep to, as a search sees it: how well a candidate does, and what nobody ever met."""

from __future__ import annotations

from collections.abc import Iterable

from autoreward.records import MemberResult, RequirementShare

MET = 0.95  # of the evaluation episodes that have to meet a requirement


def shares(members: Iterable[MemberResult]) -> tuple[RequirementShare, ...]:
    """How the evaluation episodes of a candidate's members keep to each requirement, mean over members."""
    measured = [member for member in members if member.requirements]
    texts = dict.fromkeys(text for one in measured for text in one.requirements)
    return tuple(
        RequirementShare(
            text=text,
            met=sum(one.requirements.get(text, 0.0) for one in measured) / len(measured),
            value=sum(one.required.get(text, 0.0) for one in measured) / len(measured),
        )
        for text in texts
    )


def never_met(members: Iterable[MemberResult]) -> list[str]:
    """What to say of requirements that no member met in any evaluation episode."""
    found: dict[str, list[float]] = {}
    for member in members:
        for text, share in member.requirements.items():
            found.setdefault(text, []).append(share)
    return [
        f"No member met {text!r} in any evaluation episode: it may be out of reach, alone or beside the others."
        for text, several in found.items()
        if not any(several)
    ]
