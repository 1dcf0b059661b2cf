"""When to ask a server again, how long to wait before, and when to give up.

An outage begins with the first failure after a success and is shared by all requests of a run: eight parallel
requests see one outage, not eight. What another try cannot mend (key, model, account, quota) ends at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, TypeVar

from autoreward.errors import ModelOutageError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")


class TransientError(Exception):
    """A failure that another try may mend.

    Args:
        message: what was seen, fit to be shown: without any key.
        wait: the seconds that the server asks to wait, where it says so.
        unreadable: the server answered (and may have charged), but not with a reply.
    """

    def __init__(self, message: str, wait: float | None = None, unreadable: bool = False) -> None:
        super().__init__(message)
        self.wait = wait
        self.unreadable = unreadable


class RetryPolicy:
    """Retries with exponential waits and jitter, for one run; may be used from several threads at once."""

    def __init__(
        self,
        outage_budget: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        jitter: Random | None = None,
        told: Callable[[str], None] | None = None,
    ) -> None:
        """Settings of the policy.

        Args:
            outage_budget: [s] without any success after which the run stops.
            clock: seconds from any start.
            sleep: waits so many seconds; None: until then or until `stop`.
            jitter: spreads the waits of parallel requests.
            told: gets a line before each wait, for a person.
        """
        self.outage_budget = outage_budget
        # [s], [s], tries: a reply that cannot be read may have been charged.
        self.first_wait, self.longest_wait, self.unreadable_replies = 1.0, 60.0, 3
        self._stopped = threading.Event()
        self._clock, self._sleep, self._jitter = clock, sleep or self._wait_or_stop, jitter or Random()
        self._told = told
        self._lock = threading.Lock()
        self._failing_since: float | None = None

    def call(self, attempt: Callable[[], T]) -> T:
        """What `attempt` returns, tried again after every TransientError.

        Raises:
            ModelOutageError: the outage budget is used up, or the replies cannot be read.
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
        with self._lock:
            self._failing_since = None
        return result

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
        if self._told is not None:
            self._told(f"The language model failed: {_error(state)}; next try in {state.upcoming_sleep:.0f} s.")

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
        error = _error(state)
        return self.policy.pause(state.attempt_number) if error.wait is None else error.wait

    def is_over(self, state: RetryCallState) -> bool:
        """Whether to give up; asked before the wait, so that nobody waits in vain."""
        self.unreadable += _error(state).unreadable
        shared = self.policy.failed(self.began)
        own = self.policy.now() - self.began
        over = max(shared, own) + state.upcoming_sleep > self.policy.outage_budget
        return over or self.unreadable >= self.policy.unreadable_replies or self.policy.stopped

    def give_up(self, state: RetryCallState) -> None:
        """Says what was seen last, and for how long."""
        error = _error(state)
        seconds = max(self.policy.failed(self.began), self.policy.now() - self.began)
        budget = self.policy.outage_budget
        told = f"; it asks to wait {error.wait:.0f} s" if error.wait else ""
        raise ModelOutageError(
            f"The language model did not answer for {seconds:.0f} s, {state.attempt_number} tries "
            f"(outage budget {budget:.0f} s): {error}{told}.",
            "Everything so far is saved. Continue with `autoreward resume`, or raise llm.outage_budget.",
        ) from None


def _error(state: RetryCallState) -> TransientError:
    outcome = state.outcome
    error = outcome.exception() if outcome else None
    assert isinstance(error, TransientError), "only these are retried"
    return error
