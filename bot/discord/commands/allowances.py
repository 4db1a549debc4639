"""How much of a command a tier may do, asked in the trading thread right before it is done."""

from bot.access_settings import DiscordAccess
from bot.discord.commands.desk_link import Allowed
from bot.discord.commands.tiers import Tier
from bot.door.day_desk import SteeredDay
from options.command_checks import trim_qty
from options.commands import Command, TrimTrade


def allowance(settings: DiscordAccess, tier: Tier, command: Command) -> Allowed:
    """What stands against a command for one of this tier, beyond what stands against it for everybody."""
    if not isinstance(command, TrimTrade) or tier >= Tier.TRADER:
        return lambda _day: ""
    trim, most = command, settings.helper_trim_max

    def few_enough(day: SteeredDay) -> str:
        trade = day.book.trade(trim.trade_id)
        if trade is None or (trim.qty is None and trim.fraction is None):
            return ""  # refused anyway, in the desk's own words
        if trim.fraction is not None and not trim.fraction.is_finite():
            return ""
        qty = trim_qty(trim, trade.within_reach)
        return f"a helper may trim at most {most} at a time, this is {qty}" if qty > most else ""

    return few_enough
