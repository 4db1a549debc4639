"""The market of a combo from the markets of its legs, and how the paper broker fills it."""

from datetime import date
from decimal import Decimal

import pytest

from options.contract import Combo, OptionContract, Right, Stock
from options.execution.combo_fill import combo_fill
from options.execution.fill_models import QUOTE_RULES, realistic_rules
from options.quote import Quote, QuoteCache, QuoteLimits
from options.values import SECOND, Side

NOW = 1_000 * SECOND
DAY = date(2015, 12, 24)


def option(right: str, strike: str) -> OptionContract:
    return OptionContract(root="GOOG", expiry=DAY, right=Right(right), strike=Decimal(strike))


C750, C760, P750, P740 = option("C", "750"), option("C", "760"), option("P", "750"), option("P", "740")
VERTICAL = Combo.of((1, C750), (-1, C760))
STRADDLE = Combo.of((1, C750), (1, P750))
RATIO = Combo.of((1, C750), (-2, C760))
COVERED = Combo.of((100, Stock(symbol="GOOG")), (-1, C760))


@pytest.fixture
def quotes() -> QuoteCache:
    """750 call 9.80 / 10.00, 760 call 4.00 / 4.30, 750 put 8.00 / 8.40, GOOG 750.00 / 750.20."""
    cache = QuoteCache()
    cache.update(
        NOW,
        [
            (C750.key, Quote(NOW - 5 * SECOND, 9.8, 10.0, 9.9, 30, 20)),
            (C760.key, Quote(NOW - 9 * SECOND, 4.0, 4.3, 4.1, 7, 11)),
            (P750.key, Quote(NOW, 8.0, 8.4, None, 5, 5)),
            ("GOOG", Quote(NOW, 750.0, 750.2, None, 250, 300)),
        ],
    )
    return cache


@pytest.mark.parametrize(
    ("combo", "bid", "ask", "bid_size", "ask_size"),
    [
        (VERTICAL, 5.5, 6.0, 11, 7),  # 9.80 - 4.30, 10.00 - 4.00; sold: 30 bid, 11 offered
        (STRADDLE, 17.8, 18.4, 5, 5),
        (RATIO, 1.2, 2.0, 5, 3),  # 9.80 - 8.60, 10.00 - 8.00; two of the short leg each: 11 // 2, 7 // 2
        (COVERED, 745.7, 746.2, 2, 3),  # 750.00 - 4.30, 750.20 - 4.00; 250 and 300 shares make 2 and 3
    ],
)
def test_a_net_quote_sells_at_the_bids_and_buys_at_the_asks(
    quotes: QuoteCache, combo: Combo, bid: float, ask: float, bid_size: int, ask_size: int
) -> None:
    """Each side is what doing it leg by leg would come to; its size is what the thinnest leg allows."""
    quote = quotes.get(combo.key)
    assert quote is not None
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (bid, ask, bid_size, ask_size)


def test_a_credit_is_a_net_price_below_zero(quotes: QuoteCache) -> None:
    """The vertical the other way round costs 4.30 - 9.80 = -5.50 and brings 4.00 - 10.00 = -6.00."""
    quote = quotes.get(Combo.of((-1, C750), (1, C760)).key)
    assert quote is not None
    assert (quote.bid, quote.ask) == (-6.0, -5.5)
    assert quotes.fault(Combo.of((-1, C750), (1, C760)).key, NOW, QuoteLimits()) is None


def test_a_combo_moves_with_its_legs_and_is_let_go(quotes: QuoteCache) -> None:
    """Once asked for it comes with the changes of a leg; after its release it does not, and costs nothing."""
    quotes.get(VERTICAL.key)
    change = (C750.key, Quote(NOW + SECOND, 10.3, 10.5, None, 9, 9))
    changes = quotes.update(NOW + SECOND, [change])
    assert [key for key, _ in changes] == [C750.key, VERTICAL.key]
    assert changes[1][1].bid == 6.0
    assert quotes.update(NOW + SECOND, [("GOOG", Quote(NOW, 1.0, 2.0))]) == [("GOOG", Quote(NOW, 1.0, 2.0))]
    quotes.release(VERTICAL.key)
    assert quotes.update(NOW + SECOND, [change]) == [change]


def test_a_combo_is_as_old_as_its_oldest_leg_and_as_sound_as_its_worst(quotes: QuoteCache) -> None:
    """The 760 call is 9 s old; stale or crossed legs make the whole one that is not decided on."""
    quote = quotes.get(VERTICAL.key)
    assert quote is not None
    assert quote.ts == NOW - 9 * SECOND
    fault = quotes.fault(VERTICAL.key, NOW, QuoteLimits(stale_after_s=8))
    assert fault == "GOOG 24 Dec 2015 $760 call: stale quote, 9 s old"
    quotes.update(NOW, [(C760.key, Quote(NOW, 4.4, 4.3, None, 1, 1))])
    assert "crossed" in (quotes.fault(VERTICAL.key, NOW, QuoteLimits()) or "")


def test_a_side_that_a_leg_does_not_quote_is_missing(quotes: QuoteCache) -> None:
    """Nobody bids for the 760 call: the vertical cannot be bought, selling it needs the ask only."""
    quotes.update(NOW, [(C760.key, Quote(NOW, None, 0.05, None, 0, 10))])
    quote = quotes.get(VERTICAL.key)
    assert quote is not None
    assert (quote.bid, quote.ask) == (9.75, None)
    assert quotes.get(Combo.of((1, C750), (1, P740)).key) is None


def test_paper_fills_every_leg_at_its_far_side(quotes: QuoteCache) -> None:
    """Buying the vertical pays 10.00 and gets 4.00: 6.00 net, and the legs say so."""
    found = combo_fill(VERTICAL, Side.BUY, 3, quotes, QUOTE_RULES)
    assert found is not None
    assert found.price == Decimal(6)
    assert [(leg.ratio, leg.price) for leg in found.legs] == [(1, Decimal("10.0")), (-1, Decimal("4.0"))]
    assert found.fee == 0


def test_paper_fills_all_of_a_combo_or_none(quotes: QuoteCache) -> None:
    """7 of the short leg are bid for: 7 verticals fill under displayed sizes, 8 do not; no bid at all: nothing."""
    rules = realistic_rules(slippage_ticks=0)
    assert combo_fill(VERTICAL, Side.BUY, 7, quotes, rules) is not None
    assert combo_fill(VERTICAL, Side.BUY, 8, quotes, rules) is None
    quotes.update(NOW, [(C760.key, Quote(NOW, None, 4.3, 4.1, 0, 10))])
    assert combo_fill(VERTICAL, Side.BUY, 1, quotes, QUOTE_RULES) is None


def test_slippage_is_each_legs_own_and_stops_at_the_limit(quotes: QuoteCache) -> None:
    """A tick of 0.10 a leg makes 6.00 into 6.20, commissions are 2 x 0.65; a limit of 6.10 keeps the quoted 6.00."""
    rules = realistic_rules(slippage_ticks=1)
    free = combo_fill(VERTICAL, Side.BUY, 1, quotes, rules)
    assert free is not None
    assert (free.price, free.fee) == (Decimal("6.20"), Decimal("1.30"))
    held = combo_fill(VERTICAL, Side.BUY, 1, quotes, rules, limit=Decimal("6.10"))
    assert held is not None
    assert held.price == Decimal(6)
    assert combo_fill(VERTICAL, Side.BUY, 1, quotes, rules, limit=Decimal("5.99")) is None


def test_shares_are_charged_by_the_share(quotes: QuoteCache) -> None:
    """Two covered calls: 200 shares at 0.0035 are 0.70, two contracts at 0.65 are 1.30."""
    found = combo_fill(COVERED, Side.BUY, 2, quotes, realistic_rules(slippage_ticks=0))
    assert found is not None
    assert found.fee == Decimal("2.00")
