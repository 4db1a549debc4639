"""The option chain of a day: which contracts are listed on which underlying, and how many of each are open."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from options.contract import ContractError, OptionContract, Right


class Chain:
    """Listed contracts with their open interest, looked up by expiry and right; it never changes.

    Open interest is in contracts, as published before the open; ``None`` where nothing was published.
    """

    __slots__ = ("_contracts", "_expiries", "_listed", "_open_interest")

    def __init__(self, listed: Iterable[tuple[OptionContract, int | None]] = ()) -> None:
        self._open_interest: dict[str, int | None] = {}
        self._contracts: dict[str, OptionContract] = {}
        by_series: dict[tuple[str, date, Right], list[OptionContract]] = defaultdict(list)
        for contract, open_interest in listed:
            if contract.key in self._contracts:
                raise ContractError(f"{contract.key!r} is listed twice in one chain")
            self._contracts[contract.key] = contract
            self._open_interest[contract.key] = open_interest
            by_series[contract.symbol, contract.expiry, contract.right].append(contract)
        self._listed = {
            series: tuple(sorted(contracts, key=lambda contract: (contract.strike, contract.key)))
            for series, contracts in by_series.items()
        }
        expiries: dict[str, set[date]] = defaultdict(set)
        for symbol, expiry, _ in self._listed:
            expiries[symbol].add(expiry)
        self._expiries = {symbol: tuple(sorted(days)) for symbol, days in sorted(expiries.items())}

    @property
    def symbols(self) -> tuple[str, ...]:
        """The underlyings, in order."""
        return tuple(self._expiries)

    def expiries(self, symbol: str) -> tuple[date, ...]:
        """The expiries listed on an underlying, nearest first; empty for one that is not in the chain."""
        return self._expiries.get(symbol, ())

    def contracts(self, symbol: str, expiry: date, right: Right) -> tuple[OptionContract, ...]:
        """The contracts of one expiry and right, lowest strike first; empty if none is listed."""
        return self._listed.get((symbol, expiry, right), ())

    def contract(self, key: str) -> OptionContract:
        """The listed contract with this key.

        :raises ContractError: it is not listed.
        """
        try:
            return self._contracts[key]
        except KeyError:
            raise ContractError(
                f"{key!r} is not in the chain of {', '.join(self.symbols) or 'nothing'}"
            ) from None

    def open_interest(self, key: str) -> int | None:
        """Contracts open before the session, or ``None`` if that was not published.

        :raises ContractError: the contract is not listed.
        """
        self.contract(key)
        return self._open_interest[key]

    def __contains__(self, key: object) -> bool:
        return key in self._contracts

    def __len__(self) -> int:
        return len(self._contracts)

    def __iter__(self) -> Iterator[OptionContract]:
        return iter(self._contracts.values())
