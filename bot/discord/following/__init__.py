"""Members who follow a position or a strategy, and the direct messages that tell them of it.

:mod:`news <bot.discord.following.news>` says what of the ledger is news; :mod:`followers
<bot.discord.following.followers>` keeps who is to be told what and brings it about, beside the channels and never in
their way; :mod:`directs <bot.discord.following.directs>` makes one direct message be there once.
"""
