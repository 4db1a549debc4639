"""One channel of the settings: what is shown in it, how late, whether it steers, and whom its news calls."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from bot.card_detail import Detail
from strategies.settings_table import SettingsTable

DELAY_MAX_MINUTES = 7 * 24 * 60


class ThreadNews(StrEnum):
    """What a channel tells in the threads of its messages, because an edit of a message notifies nobody."""

    NONE = "none"
    EXITS = "exits"
    ALL = "all"


class ChannelSettings(SettingsTable):
    """A channel that shows a message per position, as a table ``[[discord.channels]]``."""

    id: Annotated[int, Field(gt=0)] = Field(description="The channel's id.")
    guild_id: Annotated[int, Field(ge=0)] = Field(
        default=0, description="The server that it is in; 0: the one of discord.guild_id."
    )
    detail: Detail = Field(
        default=Detail.FULL, description='"full", or "without_sizes": no quantity, no dollar sum, no reason.'
    )
    delay_minutes: Annotated[float, Field(ge=0, le=DELAY_MAX_MINUTES)] = Field(
        default=0, description="Only what is older than so many minutes is shown."
    )
    buttons: bool = Field(
        default=False,
        description="Whether the cards have buttons to trim and close, as those of desk_channel_ids.",
    )
    thread_news: ThreadNews = Field(
        default=ThreadNews.NONE,
        description='What also goes into threads as short posts: "none", "exits" (trims, closes) or "all" (adds too).',
    )
    ping_role_id: Annotated[int, Field(ge=0)] = Field(
        default=0, description="The role that such a post pings; 0: nobody."
    )

    @model_validator(mode="after")
    def _pings_need_threads(self) -> Self:
        if self.ping_role_id and self.thread_news is ThreadNews.NONE:
            raise ValueError(
                'ping_role_id pings in threads only: set thread_news = "exits" or "all", or take it away'
            )
        return self

    @model_validator(mode="after")
    def _buttons_act_now(self) -> Self:
        if self.buttons and self.delay_minutes:
            raise ValueError("buttons act on what is held now: take delay_minutes away, or buttons")
        return self

    @property
    def delay_s(self) -> float:
        """The delay in seconds."""
        return self.delay_minutes * 60.0
