"""The commands as a person types them: what is taken, what is refused, and what the exit code says."""

from pathlib import Path

import msgspec
import pytest

from storage.files import InstanceLock
from storage.ledger import LEDGER_PATH
from storage.verify import Verdict, verify
from tests.bot.command_room import CommandRoom, callboard

OUT = " Out by 31 Dec 2015 15:50:00 ET, before it expires."
CONTRACT = "GOOG 2015-12-31 750 C"


def test_a_trade_goes_from_draft_to_closed(tmp_path: Path) -> None:
    """New, activate, trim, stop, target, trail, close: each takes effect in the running instance."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        drafted = callboard(tmp_path, "trade", "new", CONTRACT, "4", "--stop", "0.3")
        assert drafted.output == f"new T1: taken. T1 is Draft / –.{OUT}\n"
        assert callboard(tmp_path, "trade", "activate", "T1").exit_code == 0
        assert room.book.trades["T1"].position.qty == 4
        assert callboard(tmp_path, "trim", "T1", "½").exit_code == 0
        assert room.book.trades["T1"].position.qty == 2
        assert callboard(tmp_path, "stop", "T1", "9.00").exit_code == 0
        assert callboard(tmp_path, "target", "T1", "15").exit_code == 0
        assert callboard(tmp_path, "trail", "T1", "$2").exit_code == 0
        kinds = [str(armed.kind) for armed in room.book.trades["T1"].armed]
        assert kinds == ["stop", "trailing", "target", "flat"]
        room.quote(12.00, 12.20)
        room.quote(9.90, 10.10)
        assert not room.book.trades
    shown = callboard(tmp_path, "trade", "show", "T1").output
    assert "Order status  Inactive" in shown
    assert "Trade status  Closed" in shown
    assert "trailing 2 $2.00 from 9.90: Filled" in shown
    assert "stop 2 at 9.00: Cancelled" in shown
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND


def test_a_refusal_lists_every_reason_and_ends_with_1(tmp_path: Path) -> None:
    """What the desk refuses is said in full; the exit code is 1."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        found = callboard(
            tmp_path, "trade", "new", "GOOG 2015-12-18 750 C", "0", "--stop", "2", "--hold-max", "-5"
        )
    assert found.exit_code == 1
    assert found.output.count("\n  - ") == 4
    assert "nothing has changed" in found.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--stop", "much"], "--stop: 'much' is not a fraction"),
        (["--stop", "nan"], "--stop: 'nan' is not a fraction"),
        (["--stop", "@"], "--stop: '@' is not a price"),
        (["--limit", "1e999999999999999999999"], "--limit: "),
        (["--target", "0.5:x"], "--target: 'x' is not a fraction"),
        (["--target", ""], "--target: '' is not a fraction"),
        (["--scale-in", "0.2"], "no gain and quantity"),
        (["--scale-in", "0.2:-1"], "no gain and quantity"),
        (["--at", "tomorrow"], "--at: 'tomorrow' is not a time"),
        (["--flat-at", "2015-12-24T10:00"], "--flat-at: "),
        (["--when-option", "12"], "neither above:PRICE nor below:PRICE"),
        (["--when-option", "above:1", "--when-spread", "0.1"], "waits for one thing"),
        (["--algo", "cross"], "is none of market, limit, walk, twap"),
        (["--basis", "ask"], "is none of mid"),
        (["--tif", "week"], "is none of DAY, GTC"),
        (["--then", "pray"], "is none of cancel, market"),
    ],
)
def test_a_word_that_cannot_be_read_is_refused_in_a_sentence(
    tmp_path: Path, words: list[str], said: str
) -> None:
    """Before anybody is asked: one sentence, exit code 2, and nothing is written."""
    found = callboard(tmp_path, "trade", "new", CONTRACT, "1", *words)
    assert found.exit_code == 2
    assert said in found.output
    assert found.output.startswith("callboard: ")
    assert found.output.count("\n") == 1
    assert not (tmp_path / LEDGER_PATH).exists()


@pytest.mark.parametrize(
    "text", ["GOOG 2015-13-31 750 C", "GOOG 2015-12-31 x C", "GOOG 2015-12-31 -1 C", "???", ""]
)
def test_a_contract_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    """Words that name no contract say what would be right."""
    found = callboard(tmp_path, "trade", "new", text, "1")
    assert found.exit_code == 2
    assert found.output.count("\n") == 1


@pytest.mark.parametrize(
    "text", [CONTRACT, "goog 2015-12-31 $750 call", "GOOG  151231C00750000", "GOOG151231C00750000"]
)
def test_a_contract_can_be_said_in_several_ways(tmp_path: Path, text: str) -> None:
    """Plain words or the OCC symbol mean the same contract."""
    assert callboard(tmp_path, "trade", "new", text, "1").exit_code == 0
    rows = msgspec.json.decode(callboard(tmp_path, "trade", "list", "--json").output)
    assert [row["instrument"] for row in rows] == ["GOOG  151231C00750000"]


def test_without_an_instance_the_ledger_is_asked(tmp_path: Path) -> None:
    """Drafts are written, modified and cancelled; what needs a market is refused with the reason."""
    assert callboard(tmp_path, "trade", "new", CONTRACT, "2", "--id", "once").exit_code == 0
    again = callboard(tmp_path, "trade", "new", CONTRACT, "2", "--id", "once")
    assert again.output == f"new T1: taken, as answered before. T1 is Draft / –.{OUT}\n"
    activated = callboard(tmp_path, "trade", "activate", "T1")
    assert activated.exit_code == 1
    assert "no quote" in activated.output
    assert callboard(tmp_path, "trade", "modify", "T1", "--qty", "3", "--limit", "9.50").exit_code == 0
    assert "limit at 9.50" in callboard(tmp_path, "trade", "show", "T1").output
    assert callboard(tmp_path, "trade", "modify", "T1", "--limit", "none").exit_code == 0
    assert "Entry plan    market\n" in callboard(tmp_path, "trade", "show", "T1").output
    assert callboard(tmp_path, "halt", "--reason", "lunch").exit_code == 0
    assert callboard(tmp_path, "resume", "dinner").exit_code == 1
    assert callboard(tmp_path, "resume", "lunch").exit_code == 0
    assert callboard(tmp_path, "trade", "cancel", "T1").output.endswith("T1 is Cancelled / –.\n")
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND


def test_an_exit_asked_for_between_two_runs_is_remembered_and_nothing_is_sent(tmp_path: Path) -> None:
    """Without an instance nobody would hear of an order, so none is written; the intent waits for the next run."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        assert callboard(tmp_path, "trade", "new", CONTRACT, "2", "--activate").exit_code == 0
        at = room.book.last_ts
    assert "goes out when it runs again" not in callboard(tmp_path, "stop", "T1", "5").output
    closed = callboard(tmp_path, "close", "T1")
    assert closed.exit_code == 0
    assert closed.output.endswith(
        "Callboard is not running: what the broker is to do goes out when it runs again.\n"
    )
    shown = msgspec.json.decode(callboard(tmp_path, "trade", "show", "T1", "--json").output)
    assert shown["as_of"] == at
    assert shown["qty"] == 2
    assert len(shown["parents"]) == 1
    events = callboard(tmp_path, "events", "--type", "IntentDecided", "--json").output
    assert msgspec.json.decode(events)[-1]["event"].get("target", 0) == 0


def test_who_cannot_be_asked_ends_with_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No ledger, or an instance that has no door: one sentence, and no folder is made."""
    found = callboard(tmp_path / "nowhere", "close", "T1")
    assert found.exit_code == 2
    assert "holds no ledger" in found.output
    assert not (tmp_path / "nowhere").exists()
    assert callboard(tmp_path / "nowhere", "trade", "show", "T1").exit_code == 2
    monkeypatch.setattr("bot.door.client.PATIENCE_S", 0.0)
    assert callboard(tmp_path, "trade", "new", CONTRACT, "2").exit_code == 0
    with InstanceLock(tmp_path):
        found = callboard(tmp_path, "close", "T1")
    assert found.exit_code == 2
    assert "takes no commands: its day is over or has not begun" in found.output


@pytest.mark.parametrize(
    "words", [("verify",), ("trade", "list"), ("trade", "show", "T1"), ("trades",), ("explain", "P1")]
)
def test_the_ledger_given_for_its_folder_is_no_ledger_there(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The path that a run prints is a file: the sentence says that a folder is to be named."""
    assert callboard(tmp_path, "trade", "new", CONTRACT, "2").exit_code == 0
    found = callboard(tmp_path / LEDGER_PATH, *words)
    assert found.exit_code == 2
    assert "there is no ledger" in found.output
    assert "--data names the folder of a run" in found.output


def test_a_request_without_a_name_reaches_nobody(tmp_path: Path) -> None:
    """An empty name is refused before anything is written, with or without an instance."""
    for who in ("", "two\nlines", "x" * 65):
        assert callboard(tmp_path, "trade", "new", CONTRACT, "2", "--as", who).exit_code == 2
    assert not (tmp_path / LEDGER_PATH).exists()


def test_answers_come_as_json_too(tmp_path: Path) -> None:
    """With --json an answer is one object, taken or refused."""
    taken = msgspec.json.decode(callboard(tmp_path, "trade", "new", CONTRACT, "2", "--json").output)
    assert (taken["taken"], taken["trade_id"], taken["order_status"]) == (True, "T1", "Draft")
    refused = msgspec.json.decode(callboard(tmp_path, "trim", "T1", "1", "--json").output)
    assert (refused["taken"], refused["reasons"]) == (False, ["T1 is Draft / –: nothing is held"])


def test_a_draft_shows_its_exits_as_pending(tmp_path: Path) -> None:
    """Before a fill the contingent orders are Pending, and they are held here."""
    callboard(tmp_path, "trade", "new", CONTRACT, "2", "--stop", "0.3", "--target", "0.5")
    shown = callboard(tmp_path, "trade", "show", "T1").output
    assert "stop 30% from the entry: Pending, held here" in shown
    assert "target +50% for all: Pending, held here" in shown


def test_what_is_pending_names_its_group_as_json_too(tmp_path: Path) -> None:
    """Before a fill each contingent order has its id, its OCA group and its status; cancelled, it says so."""
    callboard(tmp_path, "trade", "new", CONTRACT, "2", "--stop", "@3", "--target", "0.5:0.5", "--trail", "$1")
    tree = msgspec.json.decode(callboard(tmp_path, "trade", "show", "T1", "--json").output)
    found = [(one["exit_id"], one["oca_group"], one["status"], one["held"]) for one in tree["exits"]]
    ids = ["T1-1-stop", "T1-1-trail", "T1-1-target-1", "T1-1-flat"]
    assert found == [(exit_id, "T1-1-oca", "Pending", "here") for exit_id in ids]
    assert tree["exits"][0]["armed"]["level"] == 3
    callboard(tmp_path, "trade", "cancel", "T1")
    tree = msgspec.json.decode(callboard(tmp_path, "trade", "show", "T1", "--json").output)
    assert {one["status"] for one in tree["exits"]} == {"Cancelled"}


def test_the_older_views_follow_a_trade_that_comes_back(tmp_path: Path) -> None:
    """Held, cancelled and activated again: the tables of trades and positions still tell what is so."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        assert callboard(tmp_path, "trade", "new", CONTRACT, "2", "--limit", "9", "--activate").exit_code == 0
        assert callboard(tmp_path, "trade", "cancel", "T1").exit_code == 0
        assert callboard(tmp_path, "trade", "activate", "T1").exit_code == 0
        (row,) = msgspec.json.decode(callboard(tmp_path, "trades", "--open", "--json").output)
        assert (row["order_status"], row["trade_status"]) == ("Entry Order Submitted", "Pending")
        assert callboard(tmp_path, "trade", "modify", "T1", "--hold").exit_code == 0
        assert callboard(tmp_path, "trade", "modify", "T1", "--limit", "none", "--stop", "0.3").exit_code == 0
        assert callboard(tmp_path, "trade", "activate", "T1").exit_code == 0
        held = callboard(tmp_path, "trade", "modify", "T1", "--hold")
        asleep = "Its exits sleep until it is activated again."
        assert held.output == f"modify T1: taken. T1 is Inactive / Filled. {asleep}\n"
    for view in ("trades", "positions", "events"):
        found = callboard(tmp_path, view, "--json")
        assert found.exit_code == 0, found.output
    (row,) = msgspec.json.decode(callboard(tmp_path, "positions", "--json").output)
    assert (row["qty"], row["order_status"], row["trade_status"]) == (2, "Inactive", "Filled")


def test_a_roll_and_a_close_of_everything_name_the_other_trades(tmp_path: Path) -> None:
    """The answer says what follows a roll and what a close-all ended; asked again, it says the same."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        room.quote(10.80, 11.00, key="GOOG  160108C00750000")
        assert callboard(tmp_path, "trade", "new", CONTRACT, "2", "--activate").exit_code == 0
        refused = callboard(tmp_path, "roll", "T1", "GOOG Christmas 750 C")
        assert refused.exit_code == 2
        words = ("roll", "T1", "GOOG 2016-01-08 750 C", "--id", "r")
        rolled = callboard(tmp_path, *words)
        assert rolled.output.startswith(
            "roll T1: taken. T1 is Inactive / Closed. Followed by: T2. Out by 8 Jan"
        )
        again = callboard(tmp_path, *words)
        assert again.output == rolled.output.replace("taken", "taken, as answered before")
        assert callboard(tmp_path, "close-all", "--strategy", "other").exit_code == 1
        assert callboard(tmp_path, "close-all").output == "close-all: taken. Ended: T2.\n"
        assert not room.book.trades
    assert verify(tmp_path / LEDGER_PATH).verdict is Verdict.SOUND


def test_a_preview_says_what_would_be_done_and_does_nothing(tmp_path: Path) -> None:
    """Running or not: no line is written, the exit code says whether the command would be taken, JSON has it all."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        assert (
            callboard(tmp_path, "trade", "new", CONTRACT, "4", "--stop", "0.3", "--activate").exit_code == 0
        )
        seq = room.last_seq
        shown = callboard(tmp_path, "close", "T1", "--preview")
        assert shown.exit_code == 0
        assert "sell 4 GOOG 31 Dec 2015 $750 call at the market for T1" in shown.output
        assert "cancelled: stop 4 at 7.00" in shown.output
        assert callboard(tmp_path, "trim", "T1", "4", "--preview").exit_code == 1
        found = msgspec.json.decode(
            callboard(tmp_path, "trade", "cancel", "T1", "--preview", "--json").output
        )
        assert (found["preview"]["pnl"], found["preview"]["trades"][0]["held"]) == (-80, 4)
        assert room.last_seq == seq
    size = (tmp_path / LEDGER_PATH).stat().st_size
    shown = callboard(tmp_path, "close-all", "--preview")
    assert "Careful: Callboard is not running: orders go out when it runs again" in shown.output
    assert "then sell 4 GOOG" in shown.output
    assert (tmp_path / LEDGER_PATH).stat().st_size == size
    assert callboard(tmp_path / "none", "close", "T1", "--preview").exit_code == 2


def test_a_trade_of_which_nothing_came_says_why(tmp_path: Path) -> None:
    """Cancelled by whom, or what stood against it when its time came; going again, it says nothing of that."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        assert callboard(tmp_path, "trade", "new", CONTRACT, "2", "--limit", "9", "--activate").exit_code == 0
        assert "Ended" not in callboard(tmp_path, "trade", "show", "T1").output
        assert callboard(tmp_path, "trade", "cancel", "T1", "--as", "ann").exit_code == 0
        assert "  Ended         cancel by ann\n" in callboard(tmp_path, "trade", "show", "T1").output
        assert callboard(tmp_path, "trade", "activate", "T1").exit_code == 0
        assert "Ended" not in callboard(tmp_path, "trade", "show", "T1").output
        assert callboard(tmp_path, "trade", "cancel", "T1", "--as", "ann").exit_code == 0
        waiting = ("--when-option", "below:9.50", "--strategy", "two", "--activate")
        assert callboard(tmp_path, "trade", "new", CONTRACT, "2", *waiting).exit_code == 0
        assert callboard(tmp_path, "halt", "--reason", "lunch").exit_code == 0
        room.quote(9.20, 9.40)
        shown = callboard(tmp_path, "trade", "show", "T2").output
    assert "Order status  Rejected" in shown
    assert "  Ended         trading is halted: lunch\n" in shown


@pytest.mark.parametrize(
    ("words", "instrument", "qty"),
    [
        ("GOOG 2015-12-31 750 C 4", "GOOG  151231C00750000", 4),
        ("goog 31 Dec 2015 750 call 1", "GOOG  151231C00750000", 1),
        ("GOOG 100", "GOOG", 100),
        ("buy GOOG 2015-12-31 750 C / sell 760 C 2", "+1*GOOG  151231C00750000/-1*GOOG  151231C00760000", 2),
    ],
)
def test_a_contract_may_be_typed_without_quotes(
    tmp_path: Path, words: str, instrument: str, qty: int
) -> None:
    """The last word is how many, what comes before it the contract; options may stand anywhere."""
    typed = words.split()
    assert callboard(tmp_path, "trade", "new", *typed[:2], "--stop", "30%", *typed[2:]).exit_code == 0
    rows = msgspec.json.decode(callboard(tmp_path, "trade", "list", "--json").output)
    assert [(row["instrument"], row["qty"]) for row in rows] == [(instrument, qty)]


def test_a_contract_without_quotes_and_without_a_quantity_is_refused(tmp_path: Path) -> None:
    """What is missing shows in what was made of the words; nothing is written."""
    found = callboard(tmp_path, "trade", "new", *CONTRACT.split())
    assert found.exit_code == 2
    assert "'GOOG 2015-12-31 750' is no contract" in found.output
    assert "QTY: 'C' is not a whole number" in found.output
    assert not (tmp_path / LEDGER_PATH).exists()


def test_a_preview_says_where_its_money_comes_from(tmp_path: Path) -> None:
    """At a limit it comes at the limit, where that fills, and not at the far side; what is opened is not left."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        assert callboard(tmp_path, "trade", "new", CONTRACT, "4", "--stop", "0.3").exit_code == 0
        entering = callboard(tmp_path, "trade", "activate", "T1", "--preview").output
        assert "T1: nothing held, +4 then; Contingent Order Working / Filled" in entering
        assert "    new: flat 4 at 31 Dec 2015 15:50:00 ET\n" in entering
        assert callboard(tmp_path, "trade", "activate", "T1").exit_code == 0
        resting = callboard(tmp_path, "trim", "T1", "1", "--by", "limit@50", "--preview").output
        limit, mid = "$5,000.00 (+$4,000.00) at its limit, where that fills,", "$990.00 (−$10.00) at the mid"
        assert f"bring about {limit} or {mid}" in resting
        assert "at the far side" in callboard(tmp_path, "trim", "T1", "1", "--preview").output


def test_the_lists_numbers_stand_under_each_other(tmp_path: Path) -> None:
    """Held, price and P&L are set to the right, under their names."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        for qty, strategy in (("4", "first"), ("4", "second")):
            made = callboard(tmp_path, "trade", "new", CONTRACT, qty, "--strategy", strategy, "--activate")
            assert made.exit_code == 0
        assert callboard(tmp_path, "trim", "T1", "1").exit_code == 0
        head, *rows = callboard(tmp_path, "trade", "list").output.splitlines()
    ends = {
        tuple(line.index(word) + len(word) for word in words)
        for line, words in zip(
            [head, *rows],
            [("Held", "At", "P&L"), ("+3", "10.00", "−$50.00"), ("+4", "10.00", "−$40.00")],
            strict=True,
        )
    }
    assert len(ends) == 1


def test_what_a_person_closes_is_closed_by_hand(tmp_path: Path) -> None:
    """In the list, the ledger's words and the story of the order, whoever it was; JSON keeps the ledger's own word."""
    with CommandRoom(tmp_path) as room:
        room.quote(9.80, 10.00)
        assert callboard(tmp_path, "trade", "new", CONTRACT, "2", "--activate").exit_code == 0
        assert callboard(tmp_path, "close", "T1", "--as", "ann").exit_code == 0
    told = callboard(tmp_path, "events", "--type", "TradeClosed").output
    assert "T1 closed by hand: −$40.00" in told
    assert "  hand" in callboard(tmp_path, "trades").output
    story = callboard(tmp_path, "explain", "P2").output
    assert "should be out, wanted by ann: close by ann" in story
    assert "admin" not in told + story
    (row,) = msgspec.json.decode(callboard(tmp_path, "trades", "--json").output)
    assert row["close_kind"] == "admin"
