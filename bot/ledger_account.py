"""Whose account a ledger is of: settings of another one must not be traded by on it."""

from pathlib import Path

from options.book import Book


class WrongAccount(Exception):
    """The ledger in the data folder belongs to another account."""


def check_account(book: Book, account: str, path: Path) -> None:
    """Nothing, or why settings for ``account`` (empty: for any) do not go with the ledger at ``path``.

    :raises WrongAccount: the ledger has been begun for another account.
    """
    if account and book.account not in ("", account):
        raise WrongAccount(
            f"the ledger {path} is of account {book.account}, the settings say {account}: "
            "give the account its own data folder"
        )
