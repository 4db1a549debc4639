from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from bot.feeds.market import MarketFeed, MarketSlice
from bot.feeds.recorded import RecordedFeed
from bot.feeds.simulated import ACME, ZORB, SimulatedFeed
from bot.sessions import session_of
from options.chain import Chain
from options.contract import ContractError, OptionContract, Right
from options.quote import Quote, QuoteCache
from options.session import Session
from options.values import SECOND, from_iso
from storage.quote_sets import QuotesError
from tests.storage.recorded_set import CLOSE, NAME, OPEN, at, write_set


def day(when: date = date(2025, 3, 12)) -> Session:
    """A session to simulate."""
    session = session_of(when)
    assert session is not None
    return session


@pytest.fixture(scope="module")
def feed() -> SimulatedFeed:
    """One simulated day with steps of half a minute."""
    return SimulatedFeed(day(), seed=7, step_s=30)


@pytest.fixture(scope="module")
def slices(feed: SimulatedFeed) -> list[MarketSlice]:
    """All of that day's slices."""
    return list(feed.slices())


def test_a_recorded_feed_is_a_market_feed(tmp_path: Path) -> None:
    """A set becomes a feed with its name, its half day, its chain with open interest, and slices in order."""
    rows = [
        ("09:30", "20151224", 750.0, "C", 1.0, 10, 1.2, 20),
        ("09:30", "20160115", 750.0, "P", 1.0, 1, 1.2, 2),
    ]
    interest = [("06:30", "20151224", 750.0, "C", 12)]
    recorded: MarketFeed = RecordedFeed(write_set(tmp_path, opt_quote=rows, opt_openinterest=interest), NAME)
    assert (recorded.name, recorded.symbols) == (NAME, ("GOOG",))
    assert recorded.session == Session(date(2015, 12, 24), at(OPEN), at(CLOSE), half_day=True)
    assert recorded.chain.expiries("GOOG") == (date(2015, 12, 24), date(2016, 1, 15))
    assert [recorded.chain.open_interest(contract.key) for contract in recorded.chain] == [12, None]
    found = list(recorded.slices())
    assert [market.ts for market in found] == [at("09:01"), at("09:31")]
    assert found == list(recorded.slices())


def test_a_recorded_day_that_was_no_session_is_refused(tmp_path: Path) -> None:
    """A set named for a holiday cannot have been traded."""
    rows = [("09:30", "20151231", 750.0, "C", 1.0, 10, 1.2, 20)]
    folder = write_set(tmp_path, "goog_20151225", opt_quote=rows)
    with pytest.raises(QuotesError, match="2015-12-25 is no trading day"):
        RecordedFeed(folder, "goog_20151225")


def test_a_real_day_is_replayed_whole(shared_data: Path) -> None:
    """GOOG on Christmas Eve 2015: all is listed, most is two-sided, no option after the close."""
    recorded = RecordedFeed(shared_data / "quotes", NAME)
    cache, count, options_last = QuoteCache(), 0, 0
    for market in recorded.slices():
        cache.update(market.ts, market.changes)
        count += len(market.changes)
        if any(key in recorded.chain for key, _ in market.changes):
            options_last = market.ts
    two_sided = [
        key for key, quote in cache.quotes.items() if key in recorded.chain and quote.mid is not None
    ]
    assert len(recorded.chain) == 2192
    assert sum(recorded.chain.open_interest(contract.key) is not None for contract in recorded.chain) == 2058
    assert len(two_sided) == 2192 - 347
    assert options_last == recorded.session.close
    assert count > 270_000


def test_a_chain_finds_its_contracts() -> None:
    """Expiries nearest first, strikes lowest first, and what is not listed is refused or empty."""
    listed = [
        OptionContract(root="SPXW", expiry=date(2025, 3, 14), right=right, strike=Decimal(strike))
        for strike in (5600, 5500)
        for right in Right
    ]
    later = OptionContract(root="SPX", expiry=date(2025, 3, 21), right=Right.CALL, strike=Decimal(5500))
    chain = Chain([(later, None), *((contract, 5) for contract in listed)])
    assert chain.symbols == ("SPX",)
    assert chain.expiries("SPX") == (date(2025, 3, 14), date(2025, 3, 21))
    assert [int(c.strike) for c in chain.contracts("SPX", date(2025, 3, 14), Right.PUT)] == [5500, 5600]
    assert chain.contract(later.key) is later
    assert (chain.open_interest(later.key), chain.open_interest(listed[0].key)) == (None, 5)
    assert chain.expiries("GOOG") == chain.contracts("SPX", date(2025, 4, 1), Right.CALL) == ()
    with pytest.raises(ContractError, match="not in the chain of SPX"):
        chain.open_interest("GOOG  151224C00750000")
    with pytest.raises(ContractError, match="listed twice"):
        Chain([(later, 1), (later, 2)])


def test_a_simulated_day_is_the_same_for_a_seed(feed: SimulatedFeed, slices: list[MarketSlice]) -> None:
    """One seed is one day, however often it is read; another seed is another day."""
    again = SimulatedFeed(day(), seed=7, step_s=30)
    assert list(feed.slices()) == slices == list(again.slices())
    assert feed.signals() == again.signals()
    interest = [feed.chain.open_interest(contract.key) for contract in feed.chain]
    assert interest == [again.chain.open_interest(contract.key) for contract in again.chain]
    assert next(iter(SimulatedFeed(day(), seed=8, step_s=30).slices())) != slices[0]


def test_a_simulated_day_runs_from_open_to_close(feed: SimulatedFeed, slices: list[MarketSlice]) -> None:
    """A slice every step, keys in order, quotes that carry the slice's time, and only what has changed."""
    as_feed: MarketFeed = feed
    assert [market.ts for market in slices] == list(
        range(feed.session.open, feed.session.close + 1, 30 * SECOND)
    )
    assert {key for key, _ in slices[0].changes} == {
        *as_feed.symbols,
        *(contract.key for contract in feed.chain),
    }
    newest: dict[str, Quote] = {}
    for market in slices:
        assert all(earlier[0] < later[0] for earlier, later in pairwise(market.changes))
        assert {*feed.symbols} <= dict(market.changes).keys()
        for key, quote in market.changes:
            before = newest.get(key)
            assert quote.ts == market.ts
            assert before is None or key in feed.symbols or (quote.bid, quote.ask) != (before.bid, before.ask)
        newest.update(market.changes)


def test_simulated_quotes_are_on_the_tick_grid_and_never_crossed(
    feed: SimulatedFeed, slices: list[MarketSlice]
) -> None:
    """ACME ticks 0.01 below $3 and 0.05 above, ZORB 0.05 and 0.10; a bid lies below its ask, with sizes."""
    ticks = {"ACME": ("0.01", "0.05"), "ZORB": ("0.05", "0.10")}
    for market in slices:
        for key, quote in market.changes:
            assert quote.ask is not None
            assert quote.ask_size > 0
            assert (quote.bid is None) == (quote.bid_size == 0)
            assert quote.bid is None or 0 < quote.bid < quote.ask
            for price in (quote.bid, quote.ask, quote.last):
                if price is None:
                    continue
                below, above = ticks[key[:4]] if key in feed.chain else ("0.01", "0.01")
                assert Decimal(repr(price)) % Decimal(below if price < 3 else above) == 0


def test_the_simulated_chain_keeps_put_call_parity(feed: SimulatedFeed, slices: list[MarketSlice]) -> None:
    """Buying one side and selling the other never beats the share by more than a few cents."""
    quotes = dict(slices[0].changes)
    for contract in feed.chain:
        share = quotes[contract.symbol]
        if contract.right is Right.PUT:
            continue
        put = OptionContract(
            root=contract.root, expiry=contract.expiry, right=Right.PUT, strike=contract.strike
        )
        call_quote, put_quote = quotes[contract.key], quotes[put.key]
        assert share.bid is not None
        assert share.ask is not None
        assert call_quote.ask is not None
        assert put_quote.ask is not None
        years = (contract.expiry - feed.session.day).days / 365
        strike = float(contract.strike)
        carry = strike * 0.04 * years
        assert call_quote.ask - (put_quote.bid or 0) >= share.bid - strike + carry - 0.1
        assert (call_quote.bid or 0) - put_quote.ask <= share.ask - strike + carry + 0.1


def test_simulated_spreads_widen_away_from_the_money(feed: SimulatedFeed, slices: list[MarketSlice]) -> None:
    """By share of the mid a cheap far option is wider than the one at the money; open interest peaks near the money."""
    quotes = dict(slices[0].changes)
    calls = feed.chain.contracts("ACME", feed.chain.expiries("ACME")[2], Right.CALL)
    near = min(calls, key=lambda contract: abs(float(contract.strike) - ACME.spot))
    spreads = {}
    for contract in calls:
        quote = quotes[contract.key]
        if quote.mid is not None and quote.bid is not None and quote.ask is not None:
            spreads[contract.key] = (quote.ask - quote.bid) / quote.mid
    assert spreads[near.key] < 0.05
    assert spreads[max(spreads)] > 4 * spreads[near.key]
    interest = [feed.chain.open_interest(contract.key) or 0 for contract in calls]
    assert max(interest) == max(interest[3:-3])


def test_simulated_signals_look_like_a_day_of_signals() -> None:
    """Ten to twenty-five a day in order of time, inside the session, for both directions and out again."""
    for seed in range(8):
        feed = SimulatedFeed(day(), seed)
        signals = feed.signals()
        assert 10 <= len(signals) <= 25
        times = [from_iso(str(signal["ts"])) for signal in signals]
        assert times == sorted(times)
        assert all(feed.session.is_open(ts) for ts in times)
        assert len({signal["id"] for signal in signals}) == len(signals)
        assert {signal["action"] for signal in signals} == {"BUY", "SELL", "SHORT", "CLOSE"}
        fields = {"id", "ts", "source", "symbol", "action", "confidence", "price"}
        assert all(signal.keys() == fields and 0 < float(signal["confidence"]) <= 1 for signal in signals)


def test_simulated_signals_repeat_and_reverse() -> None:
    """A day has a same-side signal straight after another, and an opposite one that asks for a reversal."""
    feed = SimulatedFeed(day(), 7)
    signals = feed.signals()
    by_symbol = [
        [signal["action"] for signal in signals if signal["symbol"] == symbol] for symbol in feed.symbols
    ]
    following = [pair for actions in by_symbol for pair in pairwise(actions)]
    assert any({"BUY", "SHORT"} == set(pair) for pair in following)
    assert any(first == second for first, second in following)


def test_a_simulated_signal_knows_nothing_of_the_future() -> None:
    """A signal's price was quoted before the signal; it comes two seconds after it."""
    feed = SimulatedFeed(day(), 3, (ZORB,))
    mids = {market.ts: dict(market.changes)["ZORB"].mid for market in feed.slices()}
    for signal in feed.signals():
        mid = mids[from_iso(str(signal["ts"])) - 2 * SECOND]
        assert mid is not None
        assert float(signal["price"]) == pytest.approx(mid, abs=0.02)


def test_an_expiry_day_and_a_half_day_can_be_simulated() -> None:
    """On a Friday what expires is worth its intrinsic value at the close; a Good Friday expiry moves to Thursday."""
    friday = SimulatedFeed(day(date(2024, 11, 29)), 1, (ACME,), step_s=60)
    assert friday.session.half_day
    assert friday.chain.expiries("ACME")[0] == friday.session.day
    quotes: dict[str, Quote] = {}
    for market in friday.slices():
        quotes.update(market.changes)
    spot = quotes["ACME"].mid
    assert spot is not None
    for contract in friday.chain.contracts("ACME", friday.session.day, Right.CALL):
        mid = quotes[contract.key].mark
        assert mid == pytest.approx(max(0.0, spot - float(contract.strike)), abs=0.35)
    assert date(2025, 4, 17) in SimulatedFeed(day(), 1, (ACME,), step_s=60).chain.expiries("ACME")


@pytest.mark.parametrize(
    "build",
    [
        lambda: SimulatedFeed(day(), 1, ()),
        lambda: SimulatedFeed(day(), 1, (ACME, ACME)),
        lambda: SimulatedFeed(day(), 1, step_s=0),
        lambda: SimulatedFeed(day(), 1, step_s=61),
    ],
)
def test_a_market_that_cannot_be_simulated_is_refused(build: Callable[[], SimulatedFeed]) -> None:
    """No share, one share twice, or steps outside 1 to 60 seconds."""
    with pytest.raises(ValueError, match=r"underlying|step_s"):
        build()
