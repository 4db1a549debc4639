"""Whether a run has a Discord beside it, and which: made from the settings, imported only when there is one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console

from bot.clock import Clock
from bot.door.day_desk import SteeredDay
from bot.door.handover import Handover
from bot.settings import DiscordSettings
from options.session import Session
from storage.ledger import LEDGER_PATH

DEMO_MARK_EVERY_S = 3.0
DEMO_CHART_EVERY_S = 6.0


class Beside(Protocol):
    """A Discord beside a run. ``page_url`` is the page of our own, empty without one."""

    page_url: str

    @property
    def died(self) -> bool:
        """True if it ended by a fault of its own."""

    def close(self, drain_s: float) -> None:
        """Tell it all, for at most so long, and end; a fault of its own is raised."""


class NoDiscord:
    """None is wanted."""

    page_url = ""
    died = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def close(self, drain_s: float) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class DiscordSide:
    """What a run knows of its Discord."""

    settings: DiscordSettings
    data: Path
    durable_offset: Callable[[], int | None]
    session: Session
    handover: Handover[SteeredDay]
    loopback_page: bool = False
    strategies: tuple[str, ...] = ()


def discord_beside(side: DiscordSide, console: Console, clock: Clock) -> AbstractContextManager[Beside]:
    """The Discord of a run: the loopback one, that of the settings, or none."""
    settings = side.settings
    if not side.loopback_page and not settings.wanted:
        return NoDiscord()
    from bot.discord.following.followers import FollowPace
    from bot.discord.service import STORE_NAME, DiscordService, Place, ServicePlan

    told = Console(stderr=True, soft_wrap=True) if console.quiet else console

    def say(sentence: str) -> None:
        told.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)

    place = None
    if not side.loopback_page:
        place = Place(
            settings.api_base,
            settings.gateway_url,
            settings.guild_id,
            settings.every_channel,
            settings.read_token,
            settings.access,
        )
    plan = ServicePlan(
        ledger=side.data / LEDGER_PATH,
        store=side.data / STORE_NAME,
        durable_offset=side.durable_offset,
        say=say,
        clock=clock,
        place=place,
        mark_every_s=DEMO_MARK_EVERY_S if side.loopback_page else settings.mark_every_s,
        live=side.session.open <= clock.now() <= side.session.close,
        required=settings.required and not side.loopback_page,
        chart_every_s=_chart_every_s(side),
        handover=side.handover,
        strategies=side.strategies,
        follow_pace=FollowPace() if settings.follow else None,
    )
    return DiscordService(plan)


def _chart_every_s(side: DiscordSide) -> float | None:
    if not side.settings.charts:
        return None
    return DEMO_CHART_EVERY_S if side.loopback_page else side.settings.chart_every_s
