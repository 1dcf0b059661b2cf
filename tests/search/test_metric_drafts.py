"""What becomes of the replies that hold drafts of a metric, one after the other."""

from __future__ import annotations

from autoreward.environment.random_rollout import open_environment
from autoreward.records import Completion, MetricBrief
from autoreward.reward.sandbox.sandbox import Sandbox
from autoreward.search.metric_drafts import Drafting, metric_prompts
from tests.search.test_metric_choice import SECONDS, UNMASKED
from tests.search.test_repairing import Scripted


class Replying(Scripted):
    """Answers each prompt with a text of its own."""

    def __init__(self, replies: dict[str, str]) -> None:
        super().__init__()
        self._replies = replies

    def _reply(self, name: str) -> Completion:
        return Completion(prompt=name, text=self._replies[name], designer="scripted")


def test_a_repair_without_a_program_leaves_the_draft_and_what_was_found_of_it(sandbox: Sandbox) -> None:
    environment = open_environment("inverted_pendulum")
    asker = Replying({"m01": UNMASKED, "m01r1": "Sorry.", "m02": SECONDS, "m03": "No idea.", "m03r1": SECONDS})
    prompts = metric_prompts(MetricBrief(text="Hold it up.", env=environment.spec), 3)
    proposal = Drafting(environment, sandbox, asker).propose("metric0", "Hold it up.", prompts)
    assert asker.asked == [["m01", "m02", "m03"], ["m01r1", "m03r1"]]
    first, second, third = proposal.verdicts
    assert (first.status, second.status, third.status) == ("refused", "kept", "kept")
    assert "after the end of an episode" in first.reasons[0].message
    assert (
        third.draft.sentence == "The time until the pole falls."
    )  # what stands beside the program, not the prose before
    assert [one.label for one in second.shown] == ["best", "worst"] and not first.shown
