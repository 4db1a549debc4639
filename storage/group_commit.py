"""Many producers, one sync: whoever commits while the disk is busy, or in the same pass of the loop, shares one.

While the disk is fast the sync runs on the loop's own thread, which beats every hand-over to another. On a slow disk it
runs in a thread of its own so that the loop goes on; which one is chosen from a measurement at the start and corrected
by every sync since.

A day has no use for it: its one writer decides on an input when the one before is durable, so it never has two batches
to share a sync between. It is for programs in which several tasks write one ledger.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from options.events import TradeEvent
from storage.files import StorageFailed
from storage.ledger import Ledger, Staged

# A sync that takes longer than this goes to the thread: a pass of the loop may last this long.
LOOP_SYNC_MAX_S = 0.002
_SMOOTHING = 1 / 16

_Waiter = tuple["asyncio.Future[int]", int]


class GroupCommit:
    """Commits for any number of producers on one event loop.

    ``sync_s`` is what one sync takes on this disk, from :func:`storage.files.measure_sync_s`; it follows the
    disk from then on. ``syncs`` counts them. ``clock_s`` is a monotonic clock.
    """

    __slots__ = (
        "_clock_s",
        "_executor",
        "_failure",
        "_ledger",
        "_loop",
        "_under_way",
        "_waiters",
        "sync_s",
        "syncs",
    )

    def __init__(self, ledger: Ledger, sync_s: float, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._ledger = ledger
        self._loop = asyncio.get_running_loop()
        self._executor: ThreadPoolExecutor | None = None
        self._waiters: list[_Waiter] = []
        self._under_way = False
        self._failure: StorageFailed | None = None
        self.sync_s = sync_s
        self.syncs = 0

    @property
    def threaded(self) -> bool:
        """Whether a thread for slow syncs was started."""
        return self._executor is not None

    async def commit(self, batch: Sequence[TradeEvent]) -> int:
        """Write one batch and return its last seq when it is durable.

        Batches are numbered in the order of the calls. A caller that is cancelled while it waits leaves its batch in.

        :raises EventUnwritable: nothing of the batch was written.
        :raises StorageFailed: the disk failed, now or before; every waiter gets this.
        """
        if self._failure is not None:
            raise StorageFailed(f"nothing is written any more: {self._failure}") from self._failure
        seq = self._ledger.write(batch)
        if self._under_way or self.sync_s > LOOP_SYNC_MAX_S:
            return await self._join(seq)
        # The first of this pass syncs for all, after everybody who is ready to run has written, too.
        self._under_way = True
        try:
            await asyncio.sleep(0)
        finally:
            self._under_way = False
            self._flush()
        return seq

    async def close(self) -> None:
        """Wait for what is under way and end the thread. The ledger stays open."""
        while self._under_way:
            waiting = [waiter for waiter, _ in self._waiters]
            await asyncio.wait(waiting) if waiting else await asyncio.sleep(0)
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None

    def _join(self, seq: int) -> "asyncio.Future[int]":
        """Wait with the others; the first one on a slow disk sets the thread going."""
        waiter: asyncio.Future[int] = self._loop.create_future()
        self._waiters.append((waiter, seq))
        if not self._under_way:
            self._under_way = True
            self._loop.call_soon(self._flush_in_thread)
        return waiter

    def _flush(self) -> None:
        started = self._clock_s()
        waiters, self._waiters = self._waiters, []
        try:
            self._ledger.sync()
        except StorageFailed as error:
            self._fail(error, waiters)
            raise
        self._done(self._clock_s() - started, waiters)

    def _flush_in_thread(self) -> None:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="ledger-sync")
        waiters, self._waiters = self._waiters, []
        future = self._loop.run_in_executor(self._executor, self._persist, self._ledger.take_staged())
        future.add_done_callback(lambda done: self._thread_done(done, waiters))

    def _persist(self, staged: Staged) -> float:
        started = self._clock_s()
        self._ledger.persist(staged)
        return self._clock_s() - started

    def _thread_done(self, done: "asyncio.Future[float]", waiters: list[_Waiter]) -> None:
        try:
            taken_s = done.result()
        except StorageFailed as error:
            self._fail(error, waiters)
            return
        if self._waiters:
            self._flush_in_thread()
        else:
            self._under_way = False
        self._done(taken_s, waiters)

    def _done(self, taken_s: float, waiters: list[_Waiter]) -> None:
        self.sync_s += (taken_s - self.sync_s) * _SMOOTHING
        self.syncs += 1
        for waiter, seq in waiters:
            if not waiter.done():
                waiter.set_result(seq)

    def _fail(self, error: StorageFailed, waiters: list[_Waiter]) -> None:
        self._failure = error
        self._under_way = False
        waiters += self._waiters
        self._waiters = []
        for waiter, _ in waiters:
            if not waiter.done():
                waiter.set_exception(StorageFailed(str(error)))
