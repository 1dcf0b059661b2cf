"""Tests of meaning in a whole small search: asked for once, kept, shown, and what fails them goes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoreward import api
from autoreward.config import Settings, load_settings
from autoreward.critic.property_files import properties_text, read_properties
from autoreward.ledger import Run
from autoreward.records import Properties, Property, PropertyFile, Side
from autoreward.search.events import PROPERTIES
from autoreward.views import NoteEvent, PropertiesEvent
from tests.loopback import PROGRAM, Answer, LoopbackServer, Recorded, program_for, says
from tests.search.test_loop import TINY

pytestmark = pytest.mark.usefixtures("warm", "model_key")

PAIRS = [
    {
        "better": {"words": "the cart stays in the middle"},
        "worse": {"words": "the cart is at the end of the rail", "pose": {"slider": 0.8}},
        "why": "in the middle",
    },
    {"better": {"words": "falls", "pose": {"hinge": [0, 1.0]}}, "worse": {"words": "stands"}, "why": "turned round"},
    {"better": {"words": "stands"}, "worse": {"words": "odd", "pose": {"nowhere": 1}}},
    {"better": {"words": "stands", "seconds": 0.2}, "worse": {"words": "falls"}},
]
WRONG = says(f"```python\n{PROGRAM.replace('NUMBER', '0.1').replace('-1.0', '1.0')}```")


def asks_for_pairs(request: Recorded) -> bool:
    return "Write 10 pairs" in request.body["messages"][0]["content"]


def answering(program: Callable[[Recorded], Answer] = program_for, pairs: Any = PAIRS) -> Callable[[Recorded], Answer]:
    def answer(request: Recorded) -> Answer:
        return says(json.dumps({"pairs": pairs})) if asks_for_pairs(request) else program(request)

    return answer


def small(tmp_path: Path, url: str, **changes: Any) -> Settings:
    told = {"model": "openai/scripted", "base_url": url, "properties": 10, "generations": 1, "candidates": 1}
    return load_settings({**TINY, "runs": str(tmp_path / "runs"), **told, **changes}).settings


def search(
    tmp_path: Path, answer: Callable[[Recorded], Answer], **more: Any
) -> tuple[Any, list[Any], list[dict[str, Any]]]:
    """The run, its events, and the requests."""
    events: list[Any] = []
    with LoopbackServer(default=answer) as server:
        settings = small(tmp_path, server.url, **more.pop("changes", {}))
        run = api.design(env="inverted_pendulum", task="balance", settings=settings, on_event=events.append, **more)
        return run, events, [request.body for request in server.requests]


def test_pairs_are_asked_for_once_shown_kept_and_written_as_a_file(tmp_path: Path) -> None:
    run, events, requests = search(tmp_path, answering())
    assert sum("Write 10 pairs" in json.dumps(one) for one in requests) == 1
    (event,) = [one for one in events if isinstance(one, PropertiesEvent)]
    assert [(pair.status, pair.metric) for pair in event.pairs] == [
        ("kept", "equal"),
        ("dropped", "worse"),
        ("dropped", ""),
    ]
    notes = [one.text for one in events if isinstance(one, NoteEvent)]
    assert any(note.startswith("A test of meaning is left out: pair 4: ") for note in notes)
    with Run.open(Path(run.folder), write=False) as opened:
        stored = [one.record(Properties) for one in opened.events(PROPERTIES)]
    assert [one.digest for one in stored] == [event.digest]
    (pair,) = read_properties(Path(run.folder) / "properties.yaml", "inverted_pendulum")
    assert pair.why == "in the middle"
    assert (run.properties, run.properties_digest) == (1, event.digest)
    api.export(run.folder, tmp_path / "best")
    provenance = json.loads((tmp_path / "best" / "PROVENANCE.json").read_text())
    assert provenance["properties_sha256"] == event.digest


def test_a_reward_that_fails_a_pair_goes_back_with_both_numbers(tmp_path: Path) -> None:
    def program(request: Recorded) -> Answer:
        return program_for(request) if "The program was refused" in json.dumps(request.body) else WRONG

    run, _, requests = search(tmp_path, answering(program))
    assert run.candidates[0].status == "trained"
    (sent_back,) = [text for text in map(json.dumps, requests) if "The program was refused" in text]
    assert "[critic.property]" in sent_back and "it pays 0 in all for" in sent_back and "and 20 for" in sent_back


def test_a_pair_that_the_metric_does_not_confirm_sends_back_but_never_ends_a_candidate(tmp_path: Path) -> None:
    """It may be the pair that is wrong: else it would refuse every program of a run."""
    run, _, requests = search(tmp_path, answering(lambda request: WRONG))
    (mine,) = run.candidates
    assert mine.status == "trained"
    assert [(one.rule, one.severity) for one in mine.findings] == [("critic.property", "warning")]
    sent_back = [text for text in map(json.dumps, requests) if "The program was refused" in text]
    assert len(sent_back) == Settings().design.repairs


def test_without_a_readable_pair_the_search_goes_on_and_says_so(tmp_path: Path) -> None:
    run, events, _ = search(tmp_path, answering(lambda request: WRONG, pairs=[]))
    assert run.candidates[0].status == "trained" and run.properties == 0
    notes = [one.text for one in events if isinstance(one, NoteEvent)]
    assert "A test of meaning is left out: the list of pairs in the reply is empty" in notes


def pairs_file(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.yaml"
    pair = Property.model_validate(PAIRS[0])
    file.write_text(properties_text(PropertyFile(env="inverted_pendulum", pairs=(pair,))))
    return file


def test_pairs_of_a_person_need_no_model_and_tell_a_seed_reward_only(tmp_path: Path) -> None:
    seed = tmp_path / "mine.py"
    seed.write_text(PROGRAM.replace("NUMBER", "0.1").replace("-1.0", "1.0"))
    changes = {"model": "compose", "base_url": None}
    run, _, requests = search(tmp_path, answering(), properties=pairs_file(tmp_path), seed_reward=seed, changes=changes)
    assert requests == [] and run.properties == 1
    (mine,) = run.candidates
    assert mine.status == "trained"
    assert [(one.rule, one.severity) for one in mine.findings] == [("critic.property", "warning")]


def test_check_takes_the_file_of_a_run(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(PROGRAM.replace("NUMBER", "0.1").replace("-1.0", "1.0"))
    told: list[PropertiesEvent] = []
    file = pairs_file(tmp_path)
    found = [api.check([str(wrong)], "inverted_pendulum/balance", properties=one) for one in (None, file)]
    assert [line.status for (line,) in found] == ["accepted", "refused"]
    assert [finding.rule for finding in found[1][0].findings] == ["critic.property"]
    turned = Property(better=Side(words="falls", pose={"hinge": (0, 1.0)}), worse=Side(words="stands"))
    both = (turned, *read_properties(file, "inverted_pendulum"))
    file.write_text(properties_text(PropertyFile(pairs=both)))
    (line,) = api.check([str(wrong)], "inverted_pendulum/balance", properties=file, on_event=told.append)
    assert line.status == "refused" and 'the metric puts "stands" before "falls"' in told[0].pairs[0].reason


def test_a_dry_run_shows_the_question(tmp_path: Path) -> None:
    settings = small(tmp_path, "http://127.0.0.1:9/v1")
    plan = api.estimate(env="inverted_pendulum", task="balance", settings=settings)
    assert [prompt.id for prompt in plan.prompts] == ["pairs", "g00c00"]
    text = plan.prompts[0].messages[0].content
    assert "Keep the pole upright." in text and "| slider | m | 0 | -1 to 1 |" in text
    assert "share of the 1000 steps of an episode in which the pole is balanced" in text
    assert plan.calls == (2, 4)
