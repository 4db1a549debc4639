"""The settings of a run: one TOML file, every field checked, every field documented in ``callboard.example.toml``."""

import json
import os
import re
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentFault

from bot.access_settings import DiscordAccess
from bot.channel_settings import ChannelSettings
from bot.risk_settings import RiskSettings
from options.doubt_desk import DoubtLimits
from options.quote import QuoteLimits
from options.rest_desk import RestLimits
from options.risk import RiskLimits
from strategies.follow_signal import FollowSignalSettings
from strategies.settings_table import SettingsTable

_PREFIX = "callboard_"
_ENUM = re.compile(r"<\w+\.\w+: ('[^']*')>")


class SettingsError(Exception):
    """A settings file cannot be used; every fault is listed with its field."""


class QuoteSettings(SettingsTable):
    """Which quotes are trusted."""

    stale_after_s: Annotated[float, Field(gt=0)] = Field(
        default=10_800, description="Seconds after a contract's last change at which its quote is stale."
    )
    feed_silence_s: Annotated[float, Field(gt=0)] = Field(
        default=150, description="Seconds of silence of the whole feed after which no quote is trusted."
    )
    spread_max: Annotated[float, Field(gt=0, le=2)] = Field(
        default=0.8, description="Spread over mid above which a mark may not trigger an exit."
    )


class DoubtSettings(SettingsTable):
    """When an order's fate is not proven, and how it is looked for."""

    ack_timeout_s: Annotated[float, Field(gt=0, le=600)] = Field(
        default=10, description="Seconds after which an unanswered order or cancel is in doubt."
    )
    grace_s: Annotated[float, Field(ge=5, le=3600)] = Field(
        default=30,
        description="Least seconds between two looks that find no trace of an order and abandon it.",
    )
    look_every_s: Annotated[float, Field(gt=0, le=600)] = Field(
        default=5, description="Seconds between looks at the broker while it is lost or an order is in doubt."
    )

    @property
    def limits(self) -> DoubtLimits:
        """These settings as the core takes them."""
        return DoubtLimits(**self.model_dump())


class RestingSettings(SettingsTable):
    """How often an exit that rests at the broker is exchanged for a better one."""

    step: Annotated[float, Field(gt=0, le=0.5)] = Field(
        default=0.02, description="Least part of its price by which a trailing stop there is moved."
    )
    every_s: Annotated[float, Field(ge=1, le=3600)] = Field(
        default=15, description="Fewest seconds between two changes of an order there, but for those by hand."
    )

    @property
    def limits(self) -> RestLimits:
        """These settings as the core takes them."""
        return RestLimits(**self.model_dump())


class PaperSettings(SettingsTable):
    """The paper broker's ``realistic`` fills."""

    slippage_ticks: Annotated[int, Field(ge=0, le=20)] = Field(
        default=1, description="Ticks worse than quoted."
    )
    latency_s: Annotated[float, Field(ge=0, le=60)] = Field(
        default=0.25, description="Seconds to the market."
    )


class DiscordSettings(SettingsTable):
    """Where the cards are shown. It says nothing about trading, so it is no part of the settings' fingerprint."""

    channel_ids: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        default=(), description="The channels that show a message per position, in full and at once."
    )
    channels: tuple[ChannelSettings, ...] = Field(
        default=(), description="Channels with settings of their own, each as a table [[discord.channels]]."
    )
    desk_channel_ids: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        default=(), description="Channels for those who steer: their cards have buttons to trim and close."
    )
    guild_id: Annotated[int, Field(ge=0)] = Field(
        default=0, description="The server of the channels that name none; 0: not set."
    )
    required: bool = Field(
        default=False,
        description="Refuse to start while Discord cannot be used as it is set up; else trading goes on without it.",
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="The bot's token; better in CALLBOARD_DISCORD__TOKEN than in a file.",
    )
    token_file: str = Field(default="", description="A file that holds nothing but the token, or nothing.")
    api_base: Annotated[str, Field(pattern=r"^https?://\S+[^/]$")] = Field(
        default="https://discord.com/api/v10", description="Where Discord's REST API is."
    )
    gateway_url: Annotated[str, Field(pattern=r"^wss?://\S+$")] = Field(
        default="wss://gateway.discord.gg/", description="Where Discord's gateway is."
    )
    mark_every_s: Annotated[float, Field(ge=0)] = Field(
        default=15, description="Fewest seconds between two refreshes of a message for its mark alone."
    )
    charts: bool = Field(
        default=True,
        description="Whether the messages carry charts, drawn by the machine's Chromium; without one there are none.",
    )
    chart_every_s: Annotated[float, Field(ge=5)] = Field(
        default=60, description="Fewest seconds between two charts of a position while only its mark moves."
    )
    follow: bool = Field(
        default=True,
        description="Whether who may look may follow trades and strategies, and gets direct messages.",
    )
    access: DiscordAccess = DiscordAccess()

    @model_validator(mode="after")
    def _each_channel_once(self) -> Self:
        own = [channel.id for channel in self.channels]
        plain = {*self.channel_ids, *self.desk_channel_ids}
        twice = sorted({one for one in own if one in plain or own.count(one) > 1})
        if twice:
            raise ValueError(
                f"channel {twice[0]} has a table in discord.channels and is named once more: leave one of them"
            )
        return self

    @property
    def wanted(self) -> bool:
        """Whether anything was said of Discord at all."""
        said = self.channel_ids or self.channels or self.desk_channel_ids or self.guild_id or self.required
        return bool(said or self.token_file or self.token.get_secret_value())

    @property
    def every_channel(self) -> tuple[ChannelSettings, ...]:
        """All channels, the plain ones first, each once and with its server (0 where none is named anywhere)."""
        plain = [
            ChannelSettings(id=one, buttons=one in self.desk_channel_ids)
            for one in dict.fromkeys((*self.channel_ids, *self.desk_channel_ids))
        ]
        return tuple(
            channel if channel.guild_id else channel.model_copy(update={"guild_id": self.guild_id})
            for channel in (*plain, *self.channels)
        )

    def read_token(self) -> str:
        """The token itself, for signing in and for nothing else.

        :raises SettingsError: there is none, or its file cannot be read.
        """
        token = self.token.get_secret_value().strip()
        if self.token_file and not token:
            try:
                token = Path(self.token_file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(
                    f"discord.token_file {self.token_file} cannot be read ({error.__class__.__name__}): "
                    "write the token into it, or set CALLBOARD_DISCORD__TOKEN"
                ) from None
        if not token:
            raise SettingsError(
                "there is no token: put the bot's into CALLBOARD_DISCORD__TOKEN or into the file discord.token_file"
            )
        return token


class Settings(SettingsTable, BaseSettings):
    """Everything that a run can be told. Environment variables (``CALLBOARD_RISK__QTY_MAX=5``) override the file."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        allow_inf_nan=False,
        env_prefix="CALLBOARD_",
        env_nested_delimiter="__",
    )

    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")] = Field(
        default="PAPER", description="The account's name in the ledger."
    )
    mark_every_s: Annotated[float, Field(gt=0)] = Field(
        default=60, description="Seconds between two recorded marks of a position."
    )
    strategy_answer_s: Annotated[float, Field(ge=0.1, le=600)] = Field(
        default=10, description="Seconds that a strategy has to answer a signal; then it counts as failed."
    )
    quotes: QuoteSettings = QuoteSettings()
    risk: RiskSettings = RiskSettings()
    doubt: DoubtSettings = DoubtSettings()
    resting: RestingSettings = RestingSettings()
    paper: PaperSettings = PaperSettings()
    discord: DiscordSettings = DiscordSettings()
    follow_signal: FollowSignalSettings = FollowSignalSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the names are the base class's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before the file."""
        return env_settings, init_settings

    @property
    def limits(self) -> RiskLimits:
        """The risk and quote settings as the core takes them."""
        return self.risk.limits(QuoteLimits(**self.quotes.model_dump()))

    @property
    def fingerprint(self) -> str:
        """Twelve characters that change whenever a setting does that trading depends on."""
        text = json.dumps(self.model_dump(exclude={"discord"}), default=_plain)
        return sha256(text.encode()).hexdigest()[:12]


def _plain(value: object) -> str:
    """A decimal by its value: 0.3 and 0.30 are one setting."""
    assert isinstance(value, Decimal), f"a setting of type {type(value).__name__} has no plain form"
    return str(value.normalize())


def load_settings(path: Path | None) -> Settings:
    """Read a settings file; without one the defaults stand.

    :raises SettingsError: the file is missing or no TOML, or fields are wrong: each named with what would be right.
    """
    raw: dict[str, Any] = {}
    where = "the environment"
    if path is not None:
        where = str(path)
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
        except OSError as error:
            raise SettingsError(f"the settings file {path} cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"the settings file {path} is no TOML: {error}") from error
    return settings_of(where, raw)


def settings_of(where: str, given: dict[str, Any]) -> Settings:
    """Settings from what was given ``where``, each by its name; the environment goes over them.

    :raises SettingsError: fields are wrong, in the environment too: each named with what would be right.
    """
    unknown = _unknown_tables(os.environ)
    if unknown:
        named = "; ".join(f"{name}: there is no such setting" for name in unknown)
        raise SettingsError(f"settings in the environment are wrong: {named}")
    try:
        return Settings(**given)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {_words(fault['type'], fault['msg'])}"
            for fault in error.errors()
        )
        raise SettingsError(f"settings in {where} are wrong: {faults}") from None
    except EnvironmentFault as error:
        raise SettingsError(f"settings in the environment are wrong: {error}") from None


def _unknown_tables(environment: Iterable[str]) -> list[str]:
    """Variables that are meant for a table of settings that there is not: nobody else would notice a limit so lost."""
    wanted = [name for name in environment if name.lower().startswith(_PREFIX) and "__" in name]
    return sorted(
        name
        for name in wanted
        if name.lower().removeprefix(_PREFIX).partition("__")[0] not in Settings.model_fields
    )


def _words(kind: str, message: str) -> str:
    """What is wrong with a field, in our words where the library's say nothing of settings."""
    if kind == "extra_forbidden":
        return "there is no such setting"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return "this is a table of settings, with its name in square brackets above them"
    if kind == "tuple_type":
        return "give a list in square brackets, e.g. []"
    return _ENUM.sub(r"\1", message.removeprefix("Value error, "))
