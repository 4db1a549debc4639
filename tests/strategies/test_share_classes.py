"""A share class has a dot in its symbol and none in its options' root: all of them meet all the same."""

from decimal import Decimal

import pytest

from options.contract import Combo, OptionContract, Right, Stock, parse_occ
from options.intent import Outcome
from options.signal import parse_signal
from options.underlying import share_symbol
from options.values import to_iso
from strategies.follow_signal import FollowSignal, FollowSignalSettings
from tests.strategies.market import NOW, market, option

SPELLINGS = ("BRK.B", "BRK/B", "BRKB")


def raw(symbol: str, **more: str) -> dict[str, object]:
    """A signal to buy as it comes from outside."""
    plain = {
        "id": "s1",
        "ts": to_iso(NOW),
        "source": "desk",
        "symbol": symbol,
        "action": "BUY",
        "confidence": 0.9,
    }
    return plain | more


@pytest.mark.parametrize("symbol", SPELLINGS)
def test_a_signal_for_a_share_class_finds_its_options(symbol: str) -> None:
    """However its author writes it, the strategy buys a call of the root BRKB, and the idea is BRK.B."""
    signal = parse_signal(raw(symbol))
    assert signal.symbol == "BRK.B"
    view = market(symbol="BRK.B", root="BRKB")
    decision = FollowSignal(FollowSignalSettings(risk_budget_usd=Decimal(5000))).on_signal(view, signal)
    assert decision.outcome is Outcome.OPENED
    assert decision.proposal is not None
    assert isinstance(decision.proposal.instrument, OptionContract)
    found = decision.proposal.instrument
    assert (found.root, found.right, found.symbol) == ("BRKB", Right.CALL, "BRK.B")


@pytest.mark.parametrize("symbol", SPELLINGS)
def test_a_signal_may_name_the_contract_too(symbol: str) -> None:
    """The contract is on the signal's underlying in each spelling."""
    key = option(750, root="BRKB").key
    assert parse_signal(raw(symbol, contract=key)).contract == key


def test_covered_shares_are_on_one_underlying() -> None:
    """Shares of the class and calls on them are one combo; their delivery is the same share."""
    call = parse_occ("BRKB  151231C00130000")
    combo = Combo.of((100, Stock(symbol="BRK.B")), (-1, call))
    assert combo.symbol == call.symbol == "BRK.B"


@pytest.mark.parametrize("symbol", ["GOOG", "F", "SPXW", "HUBB", "CRD.A"])
def test_other_symbols_stay_what_they_are(symbol: str) -> None:
    """Only what is known for a share class is written with a dot; four letters that end in B may be a whole name."""
    assert share_symbol(symbol) == symbol
