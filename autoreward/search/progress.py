"""From the trainer's progress to the search's progress line."""

from __future__ import annotations

from collections.abc import Callable

from autoreward.search.budget import spent
from autoreward.search.leaderboard import best_of, standings
from autoreward.search.session import Session
from autoreward.trainer.progress import Progress
from autoreward.views import NoteEvent


def training_progress(session: Session, key: str) -> Callable[[Progress], None]:
    """A receiver for the trainer's progress that tells where the search stands.

    Args:
        key: "g02", or another job's id.
    """
    known = standings(session.run, session.settings.design.evaluation_episodes)
    best = best_of(known)
    cost = spent(session.run).cost
    generation = int(key[1:3]) if key[0] == "g" and key[1:3].isdigit() else None
    own = [item for item in known if item.candidate.generation == generation]
    refused = sum(item.status in ("refused", "failed") for item in own)

    def tell(progress: Progress) -> None:
        if progress.note is not None:
            session.on_event(NoteEvent(text=progress.note))
            return
        done = progress.env_steps / progress.total_steps
        session.tell(
            stage="training" if generation is not None else "measuring",
            generation=generation,
            done=progress.env_steps,
            total=progress.total_steps,
            refused=refused,
            best=best.candidate.id if best else None,
            success=best.fitness.mean if best and best.fitness else None,
            progress=best.progress.mean if best and best.progress else None,
            cost=cost,
            max_cost=session.settings.budget.max_cost,
            seconds_left=progress.seconds * (1.0 - done) / done,
        )

    return tell
