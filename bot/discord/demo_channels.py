"""The channels of the demo: one that shows all at once, one that steers, and one that shows less and later."""

from bot.card_detail import Detail
from bot.channel_settings import ChannelSettings, ThreadNews
from bot.discord.loopback.cast import (
    DELAYED_CHANNEL_ID,
    DESK_CHANNEL_ID,
    FOLLOWER_ROLE_ID,
    GUILD_ID,
    POSITIONS_CHANNEL_ID,
)

_DELAY_MINUTES = 15


def demo_channels() -> tuple[ChannelSettings, ...]:
    """Where the demo shows its cards."""
    return (
        ChannelSettings(
            id=POSITIONS_CHANNEL_ID,
            guild_id=GUILD_ID,
            thread_news=ThreadNews.ALL,
            ping_role_id=FOLLOWER_ROLE_ID,
        ),
        ChannelSettings(id=DESK_CHANNEL_ID, guild_id=GUILD_ID, buttons=True),
        ChannelSettings(
            id=DELAYED_CHANNEL_ID,
            guild_id=GUILD_ID,
            detail=Detail.WITHOUT_SIZES,
            delay_minutes=_DELAY_MINUTES,
        ),
    )
