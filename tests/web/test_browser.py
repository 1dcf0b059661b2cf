"""A whole session in a real Chromium, by keyboard alone; and what must never work there."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from autoreward.environment.clips import ClipMaker
from autoreward.environment.replays import make_replay
from autoreward.errors import RenderingError
from autoreward.ledger import Run
from autoreward.ledger.deletion import delete_run
from autoreward.pages.static_report import write_report
from autoreward.people.preferences import preferences
from autoreward.runs import replays
from autoreward.web import starting
from tests.web.conftest import PATIENCE
from tests.web.serving import PERIOD, STEPS, TOKEN, Served, serving, tiny_clip, told_run

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.chromium


def wait_for_clips(page: playwright.Page, count: int) -> None:
    page.wait_for_function(
        "count => [...document.querySelectorAll('video')].filter(one => one.readyState >= 2).length >= count", arg=count
    )


def test_a_session_by_keyboard(page: playwright.Page, served: Served) -> None:
    page.goto(served.address)
    assert "token" not in page.url
    page.get_by_role("link", name=served.run.name).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(served.of_run())
    page.locator(".wall a").first.focus()  # it plays what has the focus
    page.wait_for_function("() => !document.querySelector('.wall video').paused")
    page.get_by_role("link", name="Compare", exact=True).focus()
    page.keyboard.press("Enter")
    for left in (3, 2, 1):  # three pairs
        page.get_by_text(f"{left} to go").wait_for()
        wait_for_clips(page, 2)
        assert page.locator("main").inner_text().count("g0") <= 2, "names are told after the answer, above"
        page.keyboard.press("Space")
        page.wait_for_function("() => [...document.querySelectorAll('video')].every(one => !one.paused)")
        page.keyboard.press("Space")
        page.keyboard.press("n")
        page.keyboard.type(f"note {left}")
        page.keyboard.press("Enter")
        page.locator(".anonymous li").get_by_text(f"note {left}").wait_for()
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        page.get_by_text("is preferred to").wait_for()
    page.keyboard.press("u")
    page.get_by_text("1 to go").wait_for()
    wait_for_clips(page, 2)
    page.keyboard.press("b")
    page.get_by_text("Nothing is left to be asked").wait_for()
    with Run.open(served.run, write=False) as run:
        said, notes = preferences(run), run.notes()
    assert [one.verdict == "both_bad" for one in said] == [False, False, True]
    assert [note.text for note in notes] == ["note 3", "note 2", "note 1"]
    assert all(note.step is not None and note.seconds == pytest.approx(PERIOD * (note.step + 1)) for note in notes)
    assert said[0].notes == (1,) and set(said[0].clips) == {said[0].a, said[0].b}


def test_frames_are_stepped_on_one_clock(page: playwright.Page, served: Served) -> None:
    page.goto(served.address)
    page.goto(served.of_run("/compare?c=g00c00&c=g00c01&c=g01c00"))
    wait_for_clips(page, 3)
    for _ in range(6):
        page.keyboard.press(".")
    page.keyboard.press(",")
    times = "() => [...document.querySelectorAll('video')].map(one => one.currentTime)"
    assert page.evaluate(times) == pytest.approx([5 / 30] * 3, abs=0.01)
    page.keyboard.press("3")
    page.get_by_text("is preferred to").first.wait_for()


def test_best_and_worst_of_four_by_keyboard_and_by_mouse(page: playwright.Page, tmp_path: Path) -> None:
    run = told_run(tmp_path, candidates=8)
    with serving(tmp_path / "runs", run) as served:
        page.goto(f"{served.of_run('/compare')}?token={TOKEN}")
        page.keyboard.press("a")
        page.get_by_role("button", name="4 is the best").wait_for()
        for words in ("1 is the worst.", "2 is the worst."):
            page.keyboard.press("x")
            page.locator("#mark").get_by_text(words).wait_for()
        for key, words in (("2", "2 is marked as the worst"), ("t", "One is marked as the worst")):
            page.keyboard.press(key)
            page.locator("#mark").get_by_text(words).wait_for()
        assert stored(run) == []
        shown = [box.get_attribute("value") for box in page.locator("#answer input[name=shown]").all()]
        page.keyboard.press("4")
        page.get_by_text(f"{shown[3]} is the best and {shown[1]} the worst of 4").wait_for()
        assert set(stored(run)) == {
            *((shown[3], name) for name in shown[:3]), (shown[0], shown[1]), (shown[2], shown[1])
        }  # fmt: skip
        page.keyboard.press("u")
        page.get_by_text("Taken back").wait_for()
        assert stored(run) == [] and page.locator(".player").count() == 4
        for _ in range(5):  # the mark goes over all and away
            page.keyboard.press("x")
        page.locator("#mark").get_by_text("None is marked").wait_for()
        page.get_by_label("3 is the worst").click()
        page.get_by_label("4 is the worst").click()
        assert page.locator("input[name=worst]:checked").count() == 1
        page.get_by_role("button", name="1 is the best").click()
        page.get_by_text("the worst of 4").wait_for()
        assert len(stored(run)) == 5
        page.goto("about:blank")


def stored(run: Path) -> list[tuple[str | None, str | None]]:
    with Run.open(run, write=False) as opened:
        return [(one.preferred, one.other) for one in preferences(opened)]


def test_a_clip_that_is_drawn_now_is_said_and_then_shown(
    page: playwright.Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, drawn = Event(), Event()

    def draw(*_: Any) -> bytes:
        begun.set()
        assert drawn.wait(PATIENCE / 1000)
        return tiny_clip()

    monkeypatch.setattr(ClipMaker, "draw", draw)
    run = told_run(tmp_path, clips=1)  # g01c01 alone has one
    with serving(tmp_path / "runs", run) as served:
        page.goto(f"{served.of_run('/compare')}?c=g00c00&c=g01c01&token={TOKEN}")
        page.get_by_text("Drawing the clip.").wait_for()
        wait_for_clips(page, 1)
        assert begun.is_set()
        page.keyboard.press("Space")  # what is there plays; the other one as soon as it is there
        drawn.set()
        page.wait_for_function("() => [...document.querySelectorAll('video')].every(one => !one.paused || one.ended)")
        wait_for_clips(page, 2)
        page.goto("about:blank")


def test_a_replay_that_is_made_now_is_said_and_then_shown(
    browser: playwright.Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = Event()
    outcomes = iter([RenderingError("No 3-D replay: no light.", "Switch it on."), b"<!doctype html><p>it moves</p>"])

    def make(*_: Any) -> bytes:
        assert may_end.wait(PATIENCE / 1000)
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(replays, "make_replay", make)
    run = told_run(tmp_path)
    with serving(tmp_path / "runs", run) as served, browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        for words in ("No 3-D replay: no light.", "Drag to turn"):
            may_end.clear()
            page.goto(f"{served.of_run('/candidates/g00c01/replay')}?token={TOKEN}")
            page.get_by_text("Making the 3-D replay.").wait_for()
            assert page.title() == "g00c01 in 3-D"
            may_end.set()
            page.get_by_text(words).wait_for()
        page.frame_locator("iframe").get_by_text("it moves").wait_for()
        page.goto("about:blank")


COLOURFUL = 40  # of 255, between the strongest and the weakest of red, green and blue


@pytest.mark.thorough
def test_a_robot_has_its_colours_in_the_frame(browser: playwright.Browser, served: Served) -> None:
    pytest.importorskip("viser", reason="the extra viewer is not installed")
    replay = make_replay("half_cheetah", np.zeros((60, 9), np.float32))
    (served.run / "candidates/g01c00/replay.html").write_bytes(replay)
    with browser.new_context(viewport={"width": 700, "height": 600}) as context:
        context.set_default_timeout(PATIENCE)
        page, reader, complaints = context.new_page(), context.new_page(), list[str]()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{served.of_run('/candidates/g01c00/replay')}?token={TOKEN}")
        canvas = page.frame_locator("iframe").locator("canvas[data-engine]")
        canvas.wait_for()
        seen = [colour(reader, canvas.screenshot()) for _ in range(3)]  # the first may be of an empty scene
        assert max(seen) > COLOURFUL, seen
        assert canvas.evaluate("canvas => getComputedStyle(canvas).opacity") == "1"
        assert [one for one in complaints if "'unsafe-eval' is not an allowed source" not in one] == []
        page.goto("about:blank")


def colour(page: playwright.Page, png: bytes) -> int:
    """How colourful the most colourful pixel is around the middle of a picture, where nothing else stands."""
    return page.evaluate(
        """async png => {
            const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
            const drawn = new OffscreenCanvas(image.width / 3, image.height / 3).getContext("2d");
            drawn.drawImage(image, -image.width / 3, -image.height / 3);
            const pixels = drawn.getImageData(0, 0, drawn.canvas.width, drawn.canvas.height).data;
            let most = 0;
            for (let i = 0; i < pixels.length; i += 4) {
                const pixel = pixels.slice(i, i + 3);
                most = Math.max(most, Math.max(...pixel) - Math.min(...pixel));
            }
            return most;
        }""",
        base64.b64encode(png).decode(),
    )


def test_what_cannot_be_stored_is_said_where_it_was_written(browser: playwright.Browser, tmp_path: Path) -> None:
    run = told_run(tmp_path)
    with serving(tmp_path / "runs", run) as served, browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{served.of_run('/compare')}?token={TOKEN}")
        wait_for_clips(page, 2)
        delete_run(run)
        page.keyboard.press("n")
        page.keyboard.type("it drags")
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("There is no such run").wait_for()
        assert page.locator(".moment input[type=text]").first.input_value() == "it drags", "what was written stays"


def test_a_search_that_fails_where_it_was_started_is_said(
    page: playwright.Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail = [sys.executable, "-c", "import sys; sys.exit('No key is set. <b>Set it.</b>')"]
    monkeypatch.setattr(starting, "child_command", lambda *_: fail)
    run = told_run(tmp_path)
    with serving(tmp_path / "runs", run) as served:
        page.goto(f"{served.of_run('/feedback')}?token={TOKEN}")
        page.keyboard.press("n")
        page.keyboard.type("slower")
        page.keyboard.press("Enter")
        page.wait_for_url(served.of_run())
        page.get_by_text("What was started here has failed: No key is set. <b>Set it.</b>").wait_for()
        page.goto("about:blank")


def test_a_key_that_is_held_or_typed_answers_nothing(page: playwright.Page, tmp_path: Path) -> None:
    run = told_run(tmp_path)
    with serving(tmp_path / "runs", run) as served:
        page.goto(f"{served.of_run('/compare')}?token={TOKEN}")
        wait_for_clips(page, 2)
        page.keyboard.down("1")
        page.keyboard.down("1")  # the keyboard repeats it
        page.get_by_text("is preferred to").wait_for()
        page.keyboard.down("1")
        page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
        page.locator("main > input").focus()
        page.keyboard.up("1")
        page.keyboard.type("12tbu")
        assert page.locator("main > input").input_value() == "12tbu"
        assert len(stored(run)) == 1
        page.goto("about:blank")


def test_nothing_moves_by_itself_for_whoever_asked_for_that(browser: playwright.Browser, served: Served) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{served.of_run()}?token={TOKEN}")
        page.locator(".wall a").first.focus()
        page.locator(".wall a").first.hover()
        wait_for_clips(page, 1)
        assert page.evaluate("() => [...document.querySelectorAll('.wall video')].every(one => one.paused)")
        page.goto("about:blank")


def test_the_cursor_follows_the_clip(page: playwright.Page, served: Served) -> None:
    page.goto(served.address)
    page.goto(served.of_run("/candidates/g01c00"))
    wait_for_clips(page, 1)
    page.evaluate("() => { const clip = document.querySelector('video'); clip.currentTime = clip.duration / 2; }")
    page.wait_for_function("() => Math.abs(Number(document.querySelector('.cursor').getAttribute('x1')) - 500) < 20")
    page.keyboard.press("n")
    page.keyboard.type("here")
    page.keyboard.press("Enter")
    page.locator("#made li").get_by_text("here").wait_for()
    with Run.open(served.run, write=False) as run:
        assert abs((run.notes()[-1].step or 0) - STEPS // 2) <= 1


def test_injected_markup_is_text(page: playwright.Page, served: Served) -> None:
    page.goto(served.address)
    page.goto(served.of_run("/candidates/g00c00"))
    assert page.title() == "g00c00"
    assert '<script>document.title = "taken"</script>' in page.locator(".code").first.inner_text()


def test_what_is_said_elsewhere_appears_while_the_page_is_open(page: playwright.Page, served: Served) -> None:
    page.goto(served.address)
    page.goto(served.of_run())
    with Run.open(served.run, write=True):
        page.locator(".status.running").wait_for()
    page.locator("dd .status.done").wait_for()


def test_a_page_with_200_candidates_and_60_clips_is_there_at_once(page: playwright.Page, tmp_path: Path) -> None:
    run = told_run(tmp_path, candidates=200, clips=60)
    with serving(tmp_path / "runs", run) as many:
        page.goto(many.address)
        page.goto(many.of_run())
        assert page.locator("tbody tr").count() >= 200
        # None but those in view are loaded, one after the other.
        page.wait_for_function("() => document.querySelectorAll('video[src]').length < 60")
        assert page.evaluate("() => document.querySelectorAll('.wall video').length") == 200
        page.goto("about:blank")  # nobody listens any more when the server ends


def test_a_clip_that_is_half_there_and_a_run_that_is_deleted_are_said(page: playwright.Page, tmp_path: Path) -> None:
    run = told_run(tmp_path)
    clip = run / "candidates" / "g00c00" / "video.mp4"
    clip.write_bytes(clip.read_bytes()[:300])
    with serving(tmp_path / "runs", run) as broken:
        page.goto(broken.address)
        page.goto(broken.of_run("/compare?c=g00c00&c=g01c00"))
        page.get_by_text("This clip cannot be played").wait_for()
        wait_for_clips(page, 1)  # the other one is there
        page.keyboard.press("2")
        page.get_by_text("is preferred to").first.wait_for()
        page.goto(broken.of_run())
        delete_run(run)
        page.get_by_text("This run was deleted meanwhile").wait_for()
        page.goto("about:blank")


def test_a_report_opens_from_the_disk_without_a_network(
    browser: playwright.Browser, served: Served, tmp_path: Path
) -> None:
    write_report(served.run, tmp_path / "report", None)
    write_report(served.run, None, tmp_path / "single.html")
    with browser.new_context(offline=True) as context:
        context.set_default_timeout(PATIENCE)
        for file in (tmp_path / "report" / "index.html", tmp_path / "single.html"):
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda said, kept=complaints: kept.append(said.text))
            page.on(
                "request", lambda asked, kept=complaints: kept.append(asked.url) if "http" in asked.url[:4] else None
            )
            page.goto(file.as_uri() + "#g01c00")
            wait_for_clips(page, 1)
            assert page.title() == served.run.name and complaints == []
