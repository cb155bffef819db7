"""The states of executions and task runs, and the one table of legal moves; docs and colours are drawn from it."""

from __future__ import annotations

from enum import StrEnum

from kapell.errors import IllegalTransition


class State(StrEnum):
    """Kestra's states; the same words serve executions, task runs and attempts."""

    CREATED = "CREATED"
    SUBMITTED = "SUBMITTED"
    RESUBMITTED = "RESUBMITTED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    QUEUED = "QUEUED"
    RESTARTED = "RESTARTED"
    RETRYING = "RETRYING"
    BREAKPOINT = "BREAKPOINT"
    KILLING = "KILLING"
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    FAILED = "FAILED"
    KILLED = "KILLED"
    CANCELLED = "CANCELLED"
    RETRIED = "RETRIED"
    SKIPPED = "SKIPPED"

    @property
    def ended(self) -> bool:
        """Whether it is terminal (a person may still restart it)."""
        return self in ENDED


_S = State
ENDED = frozenset({_S.SUCCESS, _S.WARNING, _S.FAILED, _S.KILLED, _S.CANCELLED, _S.RETRIED, _S.SKIPPED})
_OUTCOMES = ENDED - {_S.SKIPPED}
_AGAIN = frozenset({_S.RESTARTED, _S.RUNNING})

TRANSITIONS: dict[State, frozenset[State]] = {
    _S.CREATED: frozenset({_S.SUBMITTED, _S.RUNNING, _S.QUEUED, _S.PAUSED, _S.BREAKPOINT, _S.KILLING}) | ENDED,
    _S.SUBMITTED: frozenset({_S.RUNNING, _S.RESUBMITTED, _S.RETRYING, _S.KILLING, _S.RESTARTED}) | _OUTCOMES,
    _S.RESUBMITTED: frozenset({_S.RUNNING, _S.RETRYING, _S.KILLING, _S.RESTARTED}) | _OUTCOMES,
    _S.RUNNING: frozenset({_S.PAUSED, _S.RETRYING, _S.RESUBMITTED, _S.BREAKPOINT, _S.KILLING, _S.RESTARTED})
    | _OUTCOMES,
    _S.PAUSED: _AGAIN | {_S.KILLING} | _OUTCOMES,
    _S.QUEUED: frozenset({_S.RUNNING, _S.KILLING}) | _OUTCOMES,
    _S.RESTARTED: frozenset({_S.RUNNING, _S.SUBMITTED, _S.QUEUED, _S.PAUSED, _S.KILLING}) | ENDED,
    _S.RETRYING: frozenset({_S.CREATED, _S.RUNNING, _S.KILLING}) | _OUTCOMES,
    _S.BREAKPOINT: frozenset({_S.RUNNING, _S.SUBMITTED, _S.KILLING}) | _OUTCOMES,
    _S.KILLING: _OUTCOMES,
    # Terminal, yet flow outputs may fail after SUCCESS, a retry or allowWarning may follow FAILED,
    # and a person may restart or relabel.
    _S.SUCCESS: _AGAIN | _OUTCOMES,
    _S.WARNING: _AGAIN | _OUTCOMES,
    _S.FAILED: _AGAIN | {_S.RETRYING} | _OUTCOMES,
    _S.KILLED: _AGAIN | _OUTCOMES,
    _S.CANCELLED: _AGAIN | _OUTCOMES,
    _S.RETRIED: _AGAIN,
    _S.SKIPPED: _AGAIN,
}


def move(current: State, to: State) -> State:
    """Return `to`, or raise `IllegalTransition` where the table has no such edge."""
    if to not in TRANSITIONS[current]:
        raise IllegalTransition(current, to)
    return to
