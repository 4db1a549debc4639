"""``python -m bot.paper_service FOLDER [quote|realistic]``: the paper broker as a process of its own."""

import sys
from pathlib import Path

from bot.app import fill_rules
from bot.paper_service.memory import JournalDamaged
from bot.paper_service.server import serve
from bot.settings import load_settings
from storage.files import StorageError


def main(arguments: list[str]) -> int:
    """Serve until the process is ended; 2 if the folder cannot be served from."""
    if not arguments or len(arguments) > 2:
        print(__doc__, file=sys.stderr)  # noqa: T201 - a command answers on its own terminal
        return 2
    settings = load_settings(None)
    rules = fill_rules(arguments[1] if len(arguments) > 1 else "quote", settings)
    try:
        serve(Path(arguments[0]), settings.limits.quotes, rules, lambda path: _say(f"listening at {path}"))
    except (StorageError, JournalDamaged) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
