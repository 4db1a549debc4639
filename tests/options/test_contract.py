"""Option symbols read back as they were written, and a bad one is refused with what is wrong about it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from options.contract import Combo, ContractError, Leg, OptionContract, Right, Stock, parse_key, parse_occ

LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=6)
roots = LETTERS | st.builds(lambda letters, digit: letters[:5] + str(digit), LETTERS, st.integers(0, 9))
expiries = st.dates(date(2000, 1, 1), date(2099, 12, 31))
strikes = st.integers(1, 99_999_999).map(lambda thousandths: Decimal(thousandths) / 1000)
contracts = st.builds(
    OptionContract, root=roots, expiry=expiries, right=st.sampled_from(Right), strike=strikes
)
stocks = st.builds(
    lambda letters, suffix: Stock(symbol=letters + suffix), LETTERS, st.sampled_from(["", ".B", "/WS"])
)


def option(strike: str = "750", root: str = "GOOG", right: Right = Right.CALL) -> OptionContract:
    return OptionContract(root=root, expiry=date(2015, 12, 24), right=right, strike=Decimal(strike))


@given(contracts)
def test_a_symbol_reads_back_as_the_contract_it_was_written_for(contract: OptionContract) -> None:
    """Formatting and parsing are each other's inverse, padded or not, and every symbol has 21 characters."""
    assert len(contract.key) == 21
    assert parse_occ(contract.key) == contract
    unpadded = contract.root + contract.key[6:]
    assert parse_occ(unpadded) == contract
    assert parse_key(contract.key) == contract


def test_the_symbol_is_the_one_of_the_clearing_house() -> None:
    """Root padded to 6, yymmdd, right, strike in thousandths over 8 digits."""
    assert option().key == "GOOG  151224C00750000"
    assert option("12.5", "F", Right.PUT).key == "F     151224P00012500"


@pytest.mark.parametrize(
    ("strike", "digits"),
    [("0.001", "00000001"), ("99999.999", "99999999"), ("7.5", "00007500"), ("2.125", "00002125")],
)
def test_a_strike_is_exact_to_a_thousandth(strike: str, digits: str) -> None:
    """The smallest, the largest and odd strikes keep every thousandth, both ways."""
    assert option(strike).key.endswith(f"C{digits}")
    assert parse_occ(option(strike).key).strike == Decimal(strike)


@pytest.mark.parametrize("strike", ["0", "-1", "0.0005", "100000", "12.3456", "NaN", "Infinity"])
def test_a_strike_that_no_symbol_can_hold_is_refused(strike: str) -> None:
    """Zero, negative, finer than a thousandth, too large, or no number at all."""
    with pytest.raises(ContractError, match=r"multiple of 0\.001"):
        option(strike)


@pytest.mark.parametrize(
    ("root", "symbol", "adjusted"),
    [
        ("GOOG", "GOOG", False),
        ("SPXW", "SPX", False),
        ("NDXP", "NDX", False),
        ("RUTW", "RUT", False),
        ("VIXW", "VIX", False),
        ("GOOG1", "GOOG", True),
        ("F2", "F", True),
        ("BRKB", "BRK.B", False),
        ("BRKB1", "BRK.B", True),
        ("BFB", "BF.B", False),
    ],
)
def test_weekly_and_adjusted_roots_lead_to_their_underlying(root: str, symbol: str, adjusted: bool) -> None:
    """Quotes and signals speak of the underlying, whatever root its options trade under."""
    contract = option(root=root)
    assert (contract.symbol, contract.adjusted) == (symbol, adjusted)
    assert parse_occ(contract.key).symbol == symbol


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not an OCC symbol"),
        ("GOOG", "not an OCC symbol"),
        ("goog  151224C00750000", "not an OCC symbol"),
        ("GOOG 151224C00750000", "not an OCC symbol"),
        ("GOOG   151224C00750000", "not an OCC symbol"),
        (" GOOG 151224C00750000", "not an OCC symbol"),
        ("GOOG  151224X00750000", "not an OCC symbol"),
        ("GOOG  151224C0075000", "not an OCC symbol"),
        ("GOOG  151224C007500000", "not an OCC symbol"),
        ("GOOG  151224C00750000\n", "not an OCC symbol"),
        ("GOOG  15122\u0664C00750000", "not an OCC symbol"),
        ("GOOG  151324C00750000", "no date"),
        ("GOOG  150229C00750000", "no date"),
        ("GOOG  151224C00000000", "multiple of 0.001"),
        ("ABCDEF1151224C00750000", "root"),
    ],
)
def test_a_bad_symbol_is_refused_with_what_is_wrong(text: str, why: str) -> None:
    """Each way of being no symbol is told apart, and the text is quoted back."""
    with pytest.raises(ContractError, match=why):
        parse_occ(text)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"root": "goog"}, "root 'goog'"),
        ({"root": ""}, "root ''"),
        ({"root": "ABCDEFG"}, "root 'ABCDEFG'"),
        ({"root": "GO12"}, "root 'GO12'"),
        ({"multiplier": 0}, "multiplier 0"),
        ({"multiplier": -100}, "multiplier -100"),
        ({"expiry": date(1999, 12, 31)}, "expiry 1999-12-31"),
        ({"expiry": date(2100, 1, 1)}, "expiry 2100-01-01"),
    ],
)
def test_terms_that_cannot_be_right_are_refused(fields: dict[str, object], why: str) -> None:
    """Every field has its range, and the refusal names the field and its value."""
    terms = {"root": "GOOG", "expiry": date(2015, 12, 24), "right": Right.CALL, "strike": Decimal(750)}
    with pytest.raises(ContractError, match=why):
        OptionContract(**(terms | fields))  # type: ignore[arg-type]


@given(stocks)
def test_a_stock_is_its_symbol(stock: Stock) -> None:
    """The key of a share reads back as the share."""
    assert stock.key == stock.symbol
    assert parse_key(stock.key) == stock


@pytest.mark.parametrize("symbol", ["", "goog", "TOOLONGX", "BRK.", "BRK.BCD", "A B", "1A"])
def test_a_stock_symbol_that_cannot_be_right_is_refused(symbol: str) -> None:
    """A share's symbol is capital letters, with at most a class after a point."""
    with pytest.raises(ContractError):
        parse_key(symbol)


ratios = st.integers(-20, 20).filter(bool)
same_root = st.builds(
    OptionContract, root=st.just("GOOG"), expiry=expiries, right=st.sampled_from(Right), strike=strikes
)


@given(st.lists(st.tuples(ratios, same_root), min_size=2, max_size=5, unique_by=lambda leg: leg[1].key))
def test_a_combo_reads_back_whatever_the_order_of_its_legs(legs: list[tuple[int, OptionContract]]) -> None:
    """Legs are kept in one order, so that one combo has one key, and that key reads back."""
    combo = Combo.of(*legs)
    assert Combo.of(*reversed(legs)) == combo
    assert parse_key(combo.key) == combo
    assert [leg.instrument.key for leg in combo.legs] == sorted(leg[1].key for leg in legs)


def test_a_covered_call_reads_back() -> None:
    """A stock leg whose symbol holds a slash is no leg boundary."""
    combo = Combo.of((-1, option(root="BRK")), (100, option("800", "BRK")))
    assert parse_key(combo.key) == combo
    covered = Combo.of((100, Stock(symbol="GOOG")), (-1, option()))
    assert parse_key(covered.key) == covered
    assert (covered.symbol, covered.multiplier) == ("GOOG", 100)


@pytest.mark.parametrize(
    ("legs", "why"),
    [
        ((Leg(instrument=option(), ratio=1),), "at least two legs"),
        ((Leg(instrument=option(), ratio=1), Leg(instrument=option("760"), ratio=0)), "ratio 0"),
        ((Leg(instrument=option(), ratio=1), Leg(instrument=option(), ratio=-1)), "different"),
        ((Leg(instrument=option("760"), ratio=1), Leg(instrument=option(), ratio=-1)), "order of their keys"),
        (
            (Leg(instrument=option(root="AAPL"), ratio=1), Leg(instrument=option(), ratio=-1)),
            "one underlying",
        ),
    ],
)
def test_a_combo_that_cannot_be_right_is_refused(legs: tuple[Leg, ...], why: str) -> None:
    """Too few legs, a ratio of zero, a leg twice, legs out of order, or on two underlyings."""
    with pytest.raises(ContractError, match=why):
        Combo(legs=legs)


@pytest.mark.parametrize(
    "key",
    [
        "*",
        "+1*",
        "+1*GOOG  151224C00750000",
        "x*GOOG  151224C00750000/-1*GOOG  151224C00760000",
        "+1*GOOG  151224C00750000/-1*GOOG  151324C00760000",
        "+1*GOOG  151224C00750000/-0*GOOG  151224C00760000",
    ],
)
def test_a_bad_combo_key_is_refused(key: str) -> None:
    """A key that is no combo raises the error of contracts, not another."""
    with pytest.raises(ContractError):
        parse_key(key)


@given(st.text(max_size=30))
def test_any_text_is_an_instrument_or_a_clear_refusal(text: str) -> None:
    """No text makes the parser fail in another way, and what is read has a key that reads back."""
    try:
        found = parse_key(text)
    except ContractError:
        return
    assert parse_key(found.key) == found


@pytest.mark.parametrize(
    "key",
    ["GOOG  151224C00750000", "GOOG", "+1*GOOG  151224C00750000/-1*GOOG  151224C00760000"],
)
def test_a_key_is_one_text_however_often_its_contract_is_made(key: str) -> None:
    """An option's, a stock's and a combo's: what feeds and exits look things up by is found without comparing."""
    first, second = parse_key.__wrapped__(key), parse_key.__wrapped__("".join(list(key)))
    assert first.key is second.key
    assert first.key == key


def test_the_words_for_people_are_plain() -> None:
    """An option, a share and a spread read as a follower would say them; a weekly class by its own name."""
    assert option("750.000").plain == "GOOG 24 Dec 2015 $750 call"
    assert option("7.5", "SPXW", Right.PUT).plain == "SPXW 24 Dec 2015 $7.5 put"
    assert option("130", "BRKB").plain == "BRK.B 24 Dec 2015 $130 call"
    assert Stock(symbol="GOOG").plain == "GOOG stock"
    spread = Combo.of((1, option()), (-1, option("760")))
    assert spread.plain == "+1 GOOG 24 Dec 2015 $750 call, -1 $760 call"
