"""kill -9 in the middle of a roll and of a close-all, against a broker that lives in another process and remembers."""

import signal
from collections.abc import Callable

import pytest

from options import events as e
from tests.crash.order_path_day import ROLLED
from tests.crash.order_path_run import Aftermath, aftermath, drive, paper_service, short_folder
from tests.crash.test_order_path import check

KILLS = (
    "roll unsynced", "roll torn", "roll durable", "roll sent", "roll half done", "close-all unsynced",
    "close-all torn", "close-all durable", "close-all sent", "close-all sent more",
)  # fmt: skip


def run_killed(kills: tuple[str, ...], seed: int) -> Aftermath:
    """A day that ends by hand, killed at each of ``kills``, one process each, and then run to its end."""
    with short_folder() as folder:
        data, service = folder / "data", folder / "service"
        with paper_service(service):
            for kill in kills:
                code = drive(data, service, seed, kill, by_hand=True)
                assert code == -signal.SIGKILL, f"{kill}: the process ended with {code}"
            assert drive(data, service, seed, by_hand=True) == 0
        return aftermath(data, service)


def check_ends(after: Aftermath) -> None:
    """The roll and the close-all happened once and in order, and they left nothing."""
    taken = [event.verb for event in after.events if isinstance(event, e.CommandTaken)]
    assert (taken.count("roll"), taken.count("close-all")) == (1, 1)
    (follower,) = [
        event
        for event in after.events
        if isinstance(event, e.TradeSaved) and event.reason == f"roll of {ROLLED}"
    ]
    numbers = {ROLLED: [], follower.trade_id: []}  # type: dict[str, list[int]]
    for number, event in enumerate(after.events):
        if isinstance(event, e.OrderFilled) and event.trade_id in numbers:
            numbers[event.trade_id].append(number)
    assert numbers[ROLLED], "what was rolled was never held"
    assert not numbers[follower.trade_id] or numbers[ROLLED][-1] < numbers[follower.trade_id][0]
    held = {trade_id: trade.position.qty for trade_id, trade in after.book.trades.items()}
    assert not held, "a close-all left something behind"
    assert not +after.service.positions


@pytest.mark.proof
@pytest.mark.parametrize("kill", KILLS)
def test_i6_killed_in_the_middle_of_a_roll_or_a_close_all_the_day_ends_as_the_broker_has_it(
    kill: str, record_property: Callable[[str, object], None]
) -> None:
    """Killed there and started again: one order a reference, money and quantity to the cent, and nothing is held."""
    after = run_killed((f"{kill}:1",), seed=6)
    assert after.killed == [kill], "the fault did not happen"
    record_property(f"killed at {kill}", 1)
    check(after)
    check_ends(after)


def test_i16_a_day_that_ends_by_hand_unharmed_leaves_nothing() -> None:
    """Without a kill: the roll goes through, the close-all empties the book, and the broker holds nothing."""
    after = run_killed((), seed=5)
    check(after)
    check_ends(after)


@pytest.mark.proof
def test_i6_killed_in_a_roll_and_again_in_the_close_all() -> None:
    """Both on one day, and once more in between."""
    after = run_killed(("roll durable:1", "K6:1", "close-all sent:1"), seed=6)
    assert after.killed == ["roll durable", "K6", "close-all sent"]
    check(after)
    check_ends(after)
