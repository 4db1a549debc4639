"""What to change when Discord cannot be used, each in one sentence that is the same wherever it is said."""

NO_PLACE = "it is not said where: set discord.guild_id to the server and discord.channel_ids to its channels"
REFUSED_SENTENCE = (
    "Discord refuses the token: copy it anew from the Developer Portal's page Bot into "
    "CALLBOARD_DISCORD__TOKEN"
)
REVOKED_SENTENCE = (
    "Discord does not take the token any more: make a new one on the Developer Portal's page Bot and put it into "
    "CALLBOARD_DISCORD__TOKEN"
)


def unreachable(error: Exception) -> str:
    """Discord did not answer."""
    return f"Discord cannot be reached ({type(error).__name__}): see the network of this machine and discord.api_base"
