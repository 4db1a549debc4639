"""Discord's rate limits: a bucket for each route and major parameter, the global one, and the one on old edits."""

from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256

from bot.clock import Clock
from options.values import SECOND, Micros


@dataclass(frozen=True)
class Limit:
    """So many requests in so many seconds."""

    requests: int
    window_s: float


@dataclass
class LimitSettings:
    """The limits in force. Discord publishes only the global one; the others are what it was seen to answer."""

    enabled: bool = True
    overall: Limit = Limit(50, 1.0)
    post_message: Limit = Limit(5, 5.0)
    edit_message: Limit = Limit(5, 5.0)
    delete_message: Limit = Limit(5, 1.0)
    webhook: Limit = Limit(5, 2.0)
    other: Limit = Limit(50, 1.0)
    old_edit: Limit = Limit(3, 20.0)
    old_after_s: float = 3600.0


@dataclass(frozen=True)
class Verdict:
    """Whether a request may go on, and the headers that say so."""

    headers: dict[str, str]
    retry_after_s: float | None = None
    scope: str = "user"
    code: int = 0
    message: str = "You are being rate limited."

    @property
    def allowed(self) -> bool:
        """True if the request may go on."""
        return self.retry_after_s is None

    def body(self) -> dict[str, object]:
        """The JSON of a refusal."""
        return {
            "message": self.message,
            "retry_after": self.retry_after_s,
            "global": self.scope == "global",
            "code": self.code,
        }


@dataclass
class _Bucket:
    starts: Micros = 0
    used: int = 0
    recent: deque[Micros] = field(default_factory=deque)


class Limits:
    """Counts requests against the limits, by the clock seam."""

    def __init__(self, clock: Clock, settings: LimitSettings | None = None) -> None:
        self.settings = settings or LimitSettings()
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._overall = _Bucket()
        self._old_edits: dict[str, _Bucket] = {}

    def take(self, name: str, major: str, limit: Limit, *, counts_overall: bool) -> Verdict:
        """Count one request of a bucket; ``major`` is the channel, guild or webhook that has a bucket of its own."""
        now = self._clock.now()
        bucket = self._buckets.setdefault((name, major), _Bucket())
        window = int(limit.window_s * SECOND)
        if now - bucket.starts >= window:
            bucket.starts, bucket.used = now, 0
        reset_after_s = (bucket.starts + window - now) / SECOND
        if self.settings.enabled and counts_overall:
            wait_s = self._overall_wait_s(now)
            if wait_s is not None:
                left = limit.requests - bucket.used
                return Verdict(_headers(name, limit, left, now, reset_after_s), wait_s, "global")
        if self.settings.enabled and bucket.used >= limit.requests:
            return Verdict(_headers(name, limit, 0, now, reset_after_s), reset_after_s)
        bucket.used += 1
        remaining = max(limit.requests - bucket.used, 0) if self.settings.enabled else limit.requests
        return Verdict(_headers(name, limit, remaining, now, reset_after_s))

    def _overall_wait_s(self, now: Micros) -> float | None:
        return _slide(self._overall, self.settings.overall, now)

    def take_old_edit(self, channel_id: str, message_created: Micros, before: Verdict) -> Verdict:
        """Count an edit against the limit on messages older than an hour, which shows in no header."""
        now = self._clock.now()
        age_s = (now - message_created) / SECOND
        if not self.settings.enabled or age_s < self.settings.old_after_s:
            return before
        wait_s = _slide(self._old_edits.setdefault(channel_id, _Bucket()), self.settings.old_edit, now)
        if wait_s is None:
            return before
        # The bucket itself still has room: that is how a client sees that another limit was hit.
        remaining = max(int(before.headers["X-RateLimit-Remaining"]), 1)
        headers = before.headers | {"X-RateLimit-Remaining": str(remaining)}
        text = "Maximum number of edits to messages older than 1 hour reached. Try again later"
        return Verdict(headers, wait_s, "shared", 30046, text)


def _slide(bucket: _Bucket, limit: Limit, now: Micros) -> float | None:
    """Count one request in a sliding window; the seconds to wait if it is full."""
    window = int(limit.window_s * SECOND)
    while bucket.recent and now - bucket.recent[0] >= window:
        bucket.recent.popleft()
    if len(bucket.recent) >= limit.requests:
        return (bucket.recent[0] + window - now) / SECOND
    bucket.recent.append(now)
    return None


def _headers(name: str, limit: Limit, remaining: int, now: Micros, reset_after_s: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit.requests),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{now / SECOND + reset_after_s:.3f}",
        "X-RateLimit-Reset-After": f"{reset_after_s:.3f}",
        "X-RateLimit-Bucket": sha256(name.encode()).hexdigest()[:32],
    }
