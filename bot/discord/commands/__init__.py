"""What people do with the bot in Discord: slash commands and buttons, who may use them, and how they are answered.

The way of a command: :mod:`tree <bot.discord.commands.tree>` checks the tier of who asks; the command's function makes
an :class:`options.commands` of it; :mod:`steering <bot.discord.commands.steering>` acknowledges it and hands it to the
trading thread, through a preview and a confirmation where it is destructive; :mod:`replies
<bot.discord.commands.replies>` says what became of it. Commands that only look read the durable ledger.

A button's ``custom_id`` is ``cb:<kind>:<what>`` and says everything: no button needs this process to have made it, so
buttons work after a restart. :mod:`buttons <bot.discord.commands.buttons>` dispatches them by their kind.
"""
