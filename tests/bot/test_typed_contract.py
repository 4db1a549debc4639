"""Contracts and combos in words: what a person may type, and what is said of what cannot be right."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed_contract import contract_key
from bot.word_fault import WordFault
from options.contract import Combo, OptionContract, Right, Stock, parse_key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("goog 2015-12-31 750 c", "GOOG  151231C00750000"),
        ("GOOG 31 Dec 2015 $750 call", "GOOG  151231C00750000"),
        ("GOOG 2015-12-31 $752.5 puts", "GOOG  151231P00752500"),
        ("GOOG 2015-12-31 750C", "GOOG  151231C00750000"),
        ("SPX 2016-01-15 2,000 C", "SPX   160115C02000000"),
        ("spxw 15 january 2016 2000 c", "SPXW  160115C02000000"),
        ("GOOG  151231C00750000", "GOOG  151231C00750000"),
        ("goog151231c00750000", "GOOG  151231C00750000"),
        ("goog 151231c00750000", "GOOG  151231C00750000"),
        (" GOOG   151231C00750000 ", "GOOG  151231C00750000"),
        ("GOOG Dec 31, 2015 750 call", "GOOG  151231C00750000"),
        ("$goog 750c 2015-12-31", "GOOG  151231C00750000"),
        ("goog", "GOOG"),
        ("BRK/B", "BRK.B"),
        ("brkb", "BRK.B"),
        ("BRK.B 2015-12-31 130 C", "BRKB  151231C00130000"),
        ("brk/b 31 Dec 2015 $130 call", "BRKB  151231C00130000"),
        ("BRKB 2015-12-31 130 C", "BRKB  151231C00130000"),
        ("buy 100 BRK.B / sell 2015-12-31 130 C", "+100*BRK.B/-1*BRKB  151231C00130000"),
        (
            "buy GOOG 2015-12-31 750 C / sell 760 C",
            "+1*GOOG  151231C00750000/-1*GOOG  151231C00760000",
        ),
        (
            "sell GOOG 2016-01-08 750 C, buy 2016-01-15 750 C",
            "-1*GOOG  160108C00750000/+1*GOOG  160115C00750000",
        ),
        ("buy 100 goog / sell 2016-01-08 750 C", "+100*GOOG/-1*GOOG  160108C00750000"),
        (
            "buy 2 GOOG 2015-12-31 750 C / sell 3x 760 C",
            "+2*GOOG  151231C00750000/-3*GOOG  151231C00760000",
        ),
        (
            "-1*GOOG160108P00730000/+1*GOOG160108P00720000",
            "+1*GOOG  160108P00720000/-1*GOOG  160108P00730000",
        ),
    ],
)
def test_a_contract_is_read_as_people_write_it(typed: str, key: str) -> None:
    """Words, the program's own words, symbols and combos, in any case."""
    assert contract_key(typed) == key


def options_on(root: str) -> st.SearchStrategy[OptionContract]:
    """Any option of a root."""
    return st.builds(
        OptionContract,
        root=st.just(root),
        expiry=st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)),
        right=st.sampled_from(Right),
        strike=st.decimals("0.001", "99999.999", places=3),
    )


stocks = st.builds(Stock, symbol=st.sampled_from(["GOOG", "BRK.B", "BF.B", "F"]))
ratios = st.integers(-200, 200).filter(bool)
combos = st.lists(
    st.tuples(ratios, st.one_of(options_on("GOOG"), st.just(Stock(symbol="GOOG")))),
    min_size=2,
    max_size=4,
    unique_by=lambda leg: leg[1].key,
).map(lambda legs: Combo.of(*legs))


@given(st.one_of(combos, stocks, st.sampled_from(["GOOG", "SPX", "SPXW", "C"]).flatmap(options_on)))
def test_what_is_shown_can_be_typed(instrument: Combo | OptionContract | Stock) -> None:
    """An instrument's words lead back to it, so what a table shows can be copied into a command."""
    assert contract_key(instrument.plain) == instrument.key == contract_key(instrument.key)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("GOOG 2016-02-30 750 C", "'2016-02-30' is no date: write it as 2015-12-31 or 31 Dec 2015"),
        ("GOOG 8.1.2016 750 C", "'8.1.2016' is no date"),
        ("GOOG 31 Foo 2015 750 C", "'31 FOO 2015' is no date"),
        ("GOOG 750 C", "it has no expiry"),
        ("2015-12-31 750 C", "it has no symbol"),
        ("GOOG 2015-12-31 7.5.0 C", "strike '7.5.0' is not a price"),
        ("", "'' is no contract"),
        ("GOOG 750C 12/31", "'12/31' is no date: write it as 2015-12-31"),
        ("GOOG 2015-12-31 750", "'GOOG 2015-12-31 750' is no contract; an option is written"),
        ("sell GOOG 2015-12-31 750 C", "a single leg takes no buy or sell"),
        ("buy GOOG 2015-12-31 750 C sell 760 C", "is no contract; legs are parted by /, as in 'buy GOOG"),
        ("buy GOOG 2015-12-31 750 C / 760 C", "leg '760 C' needs buy or sell before it"),
        ("buy GOOG 2015-12-31 750 C / sell 750 C", "GOOG 31 Dec 2015 $750 call is in the combo twice"),
        ("+1*GOOG151231C00750000/+1*GOOG151231C00750000", "GOOG  151231C00750000 is there twice"),
        ("buy 0 GOOG / sell 2015-12-31 750 C", "the ratio 0"),
        ("buy GOOG 2015-12-31 750 C / sell TWX 2015-12-31 70 C", "on one underlying"),
    ],
)
def test_what_is_no_contract_is_said(typed: str, why: str) -> None:
    """The part that is wrong, and what would be right."""
    with pytest.raises(WordFault) as fault:
        contract_key(typed)
    assert why in str(fault.value)


@given(st.text(max_size=60))
def test_i30_no_typed_contract_raises_anything_else(text: str) -> None:
    """Any text is an instrument or a fault in words that can be shown on a line."""
    try:
        key, said = contract_key(text), ""
    except WordFault as fault:
        key, said = "GOOG", str(fault)
    assert parse_key(key).key == key
    assert len(said) < 400


@pytest.mark.parametrize(
    "text", ["\U000116ca" * 60 + "*", "\x1f" * 500 + "*X", "\\" * 500 + "*" * 500, "9" * 5000 + "*X"]
)
def test_i30_what_is_said_of_a_strange_contract_is_short(text: str) -> None:
    """However long the text is, and whatever a character of it takes to show."""
    with pytest.raises(WordFault) as fault:
        contract_key(text)
    assert len(str(fault.value)) < 400
