"""When to ask a server again, how long to wait before, and when to give up.

An outage begins with the first failure after a success and is shared by all requests of a run: eight parallel
requests see one outage, not eight. What another try cannot mend (key, model, account, quota) ends at once, and so
does what was never there: a server that cannot be reached at the first request is a wrong address, not an outage.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Literal, TypeVar

from autoreward.errors import ModelAccessError, ModelOutageError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")
FailedStatus = Literal["refused", "too_long", "failed"]


class TransientError(Exception):
    """A failure that another try may mend.

    Args:
        message: what was seen, fit to be shown: without any key.
        wait: the seconds that the server asks to wait, where it says so.
        unreadable: the server answered (and may have charged), but not with a reply.
        cure: set where a server that never answered before is not there at all: what a person can do then.
    """

    def __init__(
        self, message: str, wait: float | None = None, unreadable: bool = False, cure: str | None = None
    ) -> None:
        super().__init__(message)
        self.wait = wait
        self.unreadable = unreadable
        self.cure = cure


class RequestFailedError(Exception):
    """A request that fails for good, while others may succeed: it costs one candidate, not the run.

    Args:
        message: the server's own words, fit to be shown.
        status: of the reply: "refused", "too_long" or "failed".
    """

    def __init__(self, message: str, status: FailedStatus = "failed") -> None:
        super().__init__(message)
        self.status: FailedStatus = status


class RetryPolicy:
    """Retries with exponential waits and jitter, for one run; may be used from several threads at once."""

    def __init__(
        self,
        outage_budget: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        jitter: Random | None = None,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        """Settings of the policy.

        Args:
            outage_budget: [s] without any success after which the run stops.
            clock: seconds from any start.
            sleep: waits so many seconds; None: until then or until `stop`.
            jitter: spreads the waits of parallel requests.
            notify: gets a line before each wait, for a person.
        """
        self.outage_budget = outage_budget
        # [s], [s], tries: a reply that cannot be read may have been charged.
        self.first_wait, self.longest_wait, self.unreadable_replies = 1.0, 60.0, 3
        self._stopped = threading.Event()
        self._clock, self._sleep, self._jitter = clock, sleep or self._wait_or_stop, jitter or Random()
        self._notify = notify
        self._lock = threading.Lock()
        self._failing_since: float | None = None
        self._answered = False  # at least once

    def call(self, attempt: Callable[[], T]) -> T:
        """What `attempt` returns, tried again after every TransientError.

        Raises:
            ModelOutageError: the outage budget is used up.
            ModelAccessError: the server cannot be reached, and never could.
            RequestFailedError: the replies cannot be read.
        """
        from tenacity import Retrying, retry_if_exception_type

        turn = _Turn(self)
        retrying = Retrying(
            retry=retry_if_exception_type(TransientError),
            wait=turn.wait,
            stop=turn.is_over,
            sleep=self._sleep,
            before_sleep=self._tell,
            retry_error_callback=turn.give_up,
        )
        result: T = retrying(attempt)
        self.succeeded()
        return result

    def succeeded(self) -> None:
        """The server has answered in the form of its protocol: no outage, and no wrong address."""
        with self._lock:
            self._failing_since = None
            self._answered = True

    @property
    def answered(self) -> bool:
        """Whether the server has answered before."""
        return self._answered

    def say(self, line: str) -> None:
        """Tell a person."""
        if self._notify is not None:
            self._notify(line)

    def stop(self) -> None:
        """Ends every wait now, and all tries after it: the run is being stopped. Requests in flight still finish."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped.is_set()

    def _wait_or_stop(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def failed(self, began: float) -> float:
        """Notes a failure of a request that began at this time; returns how long everything has been failing [s]."""
        with self._lock:
            if self._failing_since is None:
                self._failing_since = began
            return self._clock() - self._failing_since

    def pause(self, attempts: int) -> float:
        """The wait before the next try [s]: doubled each time, between half and all of it."""
        full = min(self.longest_wait, self.first_wait * 2.0 ** min(attempts - 1, 10))
        return full * (0.5 + 0.5 * self._jitter.random())

    def _tell(self, state: RetryCallState) -> None:
        self.say(f"The language model failed: {_error(state)}; next try in {state.upcoming_sleep:.0f} s.")

    def now(self) -> float:
        """The policy's clock [s]."""
        return self._clock()


class _Turn:
    """The tries of one request."""

    def __init__(self, policy: RetryPolicy) -> None:
        self.policy = policy
        self.began = policy.now()
        self.unreadable = 0

    def wait(self, state: RetryCallState) -> float:
        """What the server asks for, else the policy's pause [s]."""
        asked = _error(state).wait
        pause = self.policy.pause(state.attempt_number)
        # A server that asks for less than a moment gets no faster client.
        return pause if asked is None or not asked >= self.policy.first_wait else asked

    def is_over(self, state: RetryCallState) -> bool:
        """Whether to give up; asked before the wait, so that nobody waits in vain."""
        error = _error(state)
        self.unreadable += error.unreadable
        if error.cure is not None and not self.policy.answered:
            return True
        shared = self.policy.failed(self.began)
        elapsed = self.policy.now() - self.began
        over = max(shared, elapsed) + state.upcoming_sleep > self.policy.outage_budget
        return over or self.unreadable >= self.policy.unreadable_replies or self.policy.stopped

    def give_up(self, state: RetryCallState) -> None:
        """Says what was seen last, and for how long."""
        error = _error(state)
        if error.cure is not None and not self.policy.answered:
            raise ModelAccessError(str(error), error.cure) from None
        if self.unreadable >= self.policy.unreadable_replies:
            raise RequestFailedError(f"{state.attempt_number} tries: {error}") from None
        seconds = max(self.policy.failed(self.began), self.policy.now() - self.began)
        budget = self.policy.outage_budget
        asked = f"; it asks to wait {error.wait:.0f} s" if error.wait else ""
        raise ModelOutageError(
            f"The language model did not answer for {seconds:.0f} s, {state.attempt_number} tries "
            f"(outage budget {budget:.0f} s): {error}{asked}.",
            "Everything so far is saved. Continue with `autoreward resume`, or raise llm.outage_budget.",
        ) from None


def _error(state: RetryCallState) -> TransientError:
    outcome = state.outcome
    error = outcome.exception() if outcome else None
    assert isinstance(error, TransientError), "only these are retried"
    return error
