"""Background work: two doors for short work and one for long jobs. Nothing else in the window uses threads."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.core.errors import OfficeClosed, UserError
from crm_desktop.core.jobs import Cancelled, Progress, ProgressState
from ui.framework import dialogs
from ui.framework.collector import Collector
from ui.framework.pending import is_away

T = TypeVar("T")
OnDone = Callable[[Any], object] | None
OnError = Callable[[Exception], None] | None

_log = logging.getLogger(__name__)
_READERS = 4
_JOBS = 3
WATCH_REST_S = 0.12
"""After news a watch rests so long: what comes meanwhile is told at once."""
WATCH_AGAIN_S = 0.7
"""After an error it tries again in so long."""


class JobHandle(QObject):
    """A long job as the window sees it.

    ``state`` is "waiting", "running", "done", "failed" or "cancelled"; ``progress`` the last
    :class:`ProgressState`; ``result`` and ``error`` are set at the end.
    """

    changed = Signal()
    finished = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.state = "waiting"
        self.progress = ProgressState()
        self.result: Any = None
        self.error: BaseException | None = None
        self.token = Progress()
        self.noticed = False

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def fraction(self) -> float | None:
        """Between 0 and 1, or None while the total is unknown."""
        total = self.progress.total
        return min(1.0, self.progress.done / total) if total else None

    def cancel(self) -> None:
        """Ask the job to stop; it ends as "cancelled" with nothing half done."""
        self.token.cancel()


class JobList(QObject):
    """The jobs of this run of the program, oldest first."""

    job_added = Signal(object)
    job_changed = Signal(object)
    job_finished = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._jobs: list[JobHandle] = []

    def all(self) -> list[JobHandle]:
        """Every job, also the ended ones."""
        return list(self._jobs)

    def active(self) -> list[JobHandle]:
        """The jobs that wait or run."""
        return [job for job in self._jobs if job.active]

    def forget_finished(self) -> None:
        """Take the ended jobs off the list."""
        self._jobs = [job for job in self._jobs if job.active]

    def add(self, job: JobHandle) -> None:
        """Put a job on the list."""
        self._jobs.append(job)
        self.job_added.emit(job)


class Watch:
    """A thread of its own that waits for news and hands them over one after the other; made by :func:`watch`."""

    def __init__(
        self, owner: QObject, wait: Callable[[], Any], wake: Callable[[], None], on_news: Callable[[Any], object],
        on_error: Callable[[Exception], object], at_end: Callable[[], None],
    ) -> None:  # fmt: skip
        self._owner, self._mailbox = owner, _pools().mailbox
        self._wait, self._wake, self._at_end = wait, wake, at_end
        self._on_news, self._on_error = on_news, on_error
        self._stopped, self._taken = threading.Event(), threading.Event()
        owner.destroyed.connect(lambda: self.stop(0))
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """End the waiting; False where the thread is still busy after ``timeout`` seconds."""
        self._stopped.set()
        self._taken.set()
        if self._thread.is_alive():
            self._wake()
            self._thread.join(timeout)
        _watches.discard(self)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                news = self._wait()
            except Exception as error:
                if not isinstance(error, UserError):
                    _log.error("watching failed", exc_info=error)
                self._hand_over(self._on_error, error)
                self._stopped.wait(WATCH_AGAIN_S)
            else:
                if news:
                    self._hand_over(self._on_news, news)
                    self._stopped.wait(WATCH_REST_S)
        try:
            self._at_end()
        except Exception as error:
            _log.info("the end of a watch failed: %s", error)

    def _hand_over(self, take: Callable[[Any], object], what: Any) -> None:
        """Wait until the window has taken it: while it is busy, what happens is gathered."""
        if self._stopped.is_set() or not shiboken6.isValid(self._mailbox):
            return
        self._taken.clear()

        def deliver() -> None:
            try:
                if not self._stopped.is_set() and shiboken6.isValid(self._owner):
                    take(what)
            finally:
                self._taken.set()

        self._mailbox.arrived.emit(deliver)
        self._taken.wait()


_watches: set[Watch] = set()


class _Mailbox(QObject):
    """Runs what worker threads hand in on the thread of the window."""

    arrived = Signal(object)
    idle = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def _run(self, call: Callable[[], None]) -> None:
        call()


class _Workers:
    """The pools, made on first use so that a test or a second start gets fresh ones."""

    def __init__(self) -> None:
        self.readers = ThreadPoolExecutor(_READERS, thread_name_prefix="read")
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="write")
        self.jobs = ThreadPoolExecutor(_JOBS, thread_name_prefix="job")
        self.mailbox = _Mailbox()
        self.collector = Collector()
        self.newest: dict[tuple[int, str], int] = {}
        self.serial = 0
        self.writes = 0
        self.pending = 0
        self.lock = threading.Lock()

    def submit(self, pool: ThreadPoolExecutor, work: Callable[[], Callable[[], None]]) -> None:
        """Run ``work`` on ``pool``; the call it returns runs on the thread of the window.

        Both, and the widgets they know, are let go on the thread of the window: ``held`` is emptied there, so that
        the worker never holds the last reference to a widget, which must not die on another thread.
        """
        self.pending += 1
        held: list[Callable[[], Any]] = [work]

        def job() -> None:
            held.append(held[0]())
            # After a shutdown that did not wait, the window and its mailbox may be gone.
            if shiboken6.isValid(self.mailbox):
                self.mailbox.arrived.emit(lambda: self._deliver(held))

        pool.submit(job)

    def _deliver(self, held: list[Callable[[], Any]]) -> None:
        self.pending -= 1
        try:
            held[1]()
        finally:
            held.clear()
            if not self.pending:
                self.mailbox.idle.emit()


_workers: _Workers | None = None
_job_list: JobList | None = None


def _pools() -> _Workers:
    global _workers
    if _workers is None:
        _workers = _Workers()
    return _workers


def jobs() -> JobList:
    """The list of long jobs, with signals ``job_added``, ``job_changed``, ``job_finished``."""
    global _job_list
    if _job_list is None or not shiboken6.isValid(_job_list):
        _job_list = JobList()
    return _job_list


def run_read(
    owner: QObject,
    work: Callable[[], T],
    on_done: Callable[[T], object] | None,
    on_error: OnError = None,
    *,
    supersede: str | None = None,
) -> None:
    """Read in the background. The result comes to ``on_done`` on the thread of the window.

    Args:
        owner: nothing is delivered once it is gone.
        work: what to do, off the thread of the window; it must not touch widgets.
        on_error: called with the exception; without it, dialogs.show_error tells the user what is not told already.
        supersede: with a name, a newer call of the same owner and name drops the older one's result.
    """
    pools = _pools()
    if not shiboken6.isValid(owner):
        return
    key = (shiboken6.getCppPointer(owner)[0], supersede) if supersede else None
    pools.serial += 1
    serial = pools.serial
    if key:
        pools.newest[key] = serial

    def stale() -> bool:
        return key is not None and pools.newest.get(key) != serial

    def call() -> Callable[[], None]:
        return (lambda: None) if stale() else _outcome(owner, work, on_done, failed, stale)

    def failed(error: Exception) -> None:
        if isinstance(error, OfficeClosed):
            return  # it was for a window that is closed
        if on_error is not None:
            on_error(error)
        elif not is_away(error):  # a server that is away is told once for the window, not by everybody who would read
            dialogs.show_error(owner if isinstance(owner, QWidget) else None, error)

    pools.submit(pools.readers, call)


def run_write(
    owner: QObject, work: Callable[[], T], on_done: Callable[[T], object] | None = None, on_error: OnError = None
) -> None:
    """Write in the background, one after the other in the order of the calls. Arguments as in run_read."""
    pools = _pools()
    pools.writes += 1
    pools.submit(pools.writer, lambda: _outcome(owner, work, on_done, on_error, lambda: False))


def run_job(
    title: str,
    work: Callable[[Progress], T],
    on_done: Callable[[T], object] | None = None,
    on_error: OnError = None,
    *,
    owner: QWidget | None = None,
) -> JobHandle:
    """Start a long job, listed in :func:`jobs` with its progress; the user can cancel it.

    Args:
        title: what it does, translated.
        work: gets a Progress to report with; a cancelled job raises through it.
        owner: where an error is shown, and nothing is delivered once it is gone; None: the active window.
    """
    pools = _pools()
    handle = JobHandle(title)

    def report(_state: ProgressState) -> None:
        # One notice at a time: a job may report faster than the window can draw.
        if not handle.noticed and shiboken6.isValid(pools.mailbox):
            handle.noticed = True
            pools.mailbox.arrived.emit(lambda: _progressed(handle))

    handle.token = Progress(report)

    def run() -> Callable[[], None]:
        token = handle.token
        try:
            token.check()
            report(token.state)
            result = work(token)
        except (Cancelled, OfficeClosed):
            return lambda: _finished(handle, "cancelled")
        except Exception as error:
            failure = error
            return lambda: _job_failed(handle, failure, owner, on_error, again)
        return lambda: _job_done(handle, result, owner, on_done)

    def again() -> None:
        if owner is None or shiboken6.isValid(owner):
            run_job(title, work, on_done, on_error, owner=owner)

    jobs().add(handle)
    pools.submit(pools.jobs, run)
    return handle


def watch(
    owner: QObject, wait: Callable[[], T], wake: Callable[[], None], on_news: Callable[[T], object],
    on_error: Callable[[Exception], object], at_end: Callable[[], None],
) -> Watch:  # fmt: skip
    """Wait for news on a thread of its own, again and again, until :meth:`Watch.stop`.

    Args:
        owner: nothing is delivered once it is gone.
        wait: blocks until there is something, or for a while; what is true is handed to ``on_news``.
        wake: ends a ``wait`` at once; called from the thread of the window.
        on_error: called with what ``wait`` raised; it is called again a moment later.
        at_end: lets go of what ``wait`` needs, on its thread.
    """
    made = Watch(owner, wait, wake, on_news, on_error, at_end)
    _watches.add(made)
    return made


def wait_idle(timeout: float = 10.0) -> bool:
    """Handle events until no background work is left; False where ``timeout`` seconds did not suffice."""
    pools = _pools()
    if not pools.pending:
        return True
    loop = QEventLoop()
    timer = QTimer(singleShot=True)
    timer.timeout.connect(loop.quit)
    timer.start(int(timeout * 1000))
    pools.mailbox.idle.connect(loop.quit)
    # What is delivered last, or a timer beside it, may begin new work before the loop has ended.
    while pools.pending and timer.isActive():
        loop.exec()
    pools.mailbox.idle.disconnect(loop.quit)
    return not pools.pending


def wait_written(timeout: float = 10.0) -> bool:
    """Handle events until nothing is left to be written; False where ``timeout`` seconds did not suffice."""
    pools, loop, known = _pools(), QEventLoop(), -1
    timer = QTimer(singleShot=True)
    timer.timeout.connect(loop.quit)
    timer.start(int(timeout * 1000))
    while known != pools.writes and timer.isActive():  # who is told that something is written may write more
        known = pools.writes
        pools.submit(pools.writer, lambda: loop.quit)
        loop.exec()
    return timer.isActive()


def shutdown() -> None:
    """Cancel the jobs, wait for what is being written, and stop the threads."""
    global _workers
    if _workers is None:
        return
    pools, _workers = _workers, None
    for one in list(_watches):
        one.stop()
    for job in jobs().active():
        job.cancel()
    pools.readers.shutdown(wait=True, cancel_futures=True)
    pools.jobs.shutdown(wait=True, cancel_futures=True)
    pools.writer.shutdown(wait=True)
    if shiboken6.isValid(pools.collector):
        pools.collector.stop()


def _outcome(
    owner: QObject, work: Callable[[], Any], on_done: OnDone, on_error: OnError, stale: Callable[[], bool]
) -> Callable[[], None]:
    """Do the work and return what the window's thread has to do with its outcome."""
    try:
        result = work()
    except Exception as error:
        failure = error
        return lambda: None if stale() else _failed(owner, failure, on_error)

    def deliver() -> None:
        if on_done and not stale() and shiboken6.isValid(owner):
            on_done(result)

    return deliver


def _failed(owner: QObject | None, error: Exception, on_error: OnError) -> None:
    if isinstance(error, Cancelled):
        return  # who asked for it wants something else by now
    if not isinstance(error, UserError):
        _log.error("background work failed", exc_info=error)
    if owner is not None and not shiboken6.isValid(owner):
        return
    if on_error:
        on_error(error)
    else:
        dialogs.show_error(owner if isinstance(owner, QWidget) else None, error)


def _progressed(handle: JobHandle) -> None:
    handle.noticed = False
    if handle.active:
        handle.state = "running"
        handle.progress = handle.token.state
        handle.changed.emit()
        jobs().job_changed.emit(handle)


def _finished(handle: JobHandle, state: str) -> None:
    handle.state = state
    handle.changed.emit()
    handle.finished.emit()
    jobs().job_finished.emit(handle)


def _job_done(handle: JobHandle, result: Any, owner: QWidget | None, on_done: OnDone) -> None:
    handle.result = result
    handle.progress = handle.token.state
    _finished(handle, "done")
    if on_done and (owner is None or shiboken6.isValid(owner)):
        on_done(result)


def _job_failed(
    handle: JobHandle, error: Exception, owner: QWidget | None, on_error: OnError, again: Callable[[], None]
) -> None:
    handle.error = error
    _finished(handle, "failed")
    if on_error is None and is_away(error) and (owner is None or shiboken6.isValid(owner)):
        dialogs.offer_again(owner, handle.title, again, error)
    else:
        _failed(owner, error, on_error)
