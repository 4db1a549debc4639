"""The order in which a channel is told: closings, trade events, then marks at their pace."""

from hypothesis import given
from hypothesis import strategies as st

from bot.discord.backlog import OLD_MARKS_EVERY_S, Backlog, News, Urgency


def young(_position_id: str) -> bool:
    return False


def old(_position_id: str) -> bool:
    return True


def test_closings_go_first_and_marks_last() -> None:
    """Whatever came first, a closing is told before a trade event and that before a mark."""
    backlog = Backlog(0.0)
    for position_id, urgency in (("a", Urgency.MARK), ("b", Urgency.TRADE), ("c", Urgency.CLOSING)):
        backlog.note(position_id, News(urgency, 1))
    order = [taken[0] for _ in range(3) if (taken := backlog.take(0.0, young)) is not None]
    assert order == ["c", "b", "a"]
    assert backlog.take(0.0, young) is None


def test_a_burst_is_one_entry_with_its_greatest_urgency() -> None:
    """However much happens to a position, it waits once, as urgent as the most urgent of it."""
    backlog = Backlog(15.0)
    for seq, urgency in enumerate((Urgency.MARK, Urgency.TRADE, Urgency.MARK), 5):
        backlog.note("a", News(urgency, seq))
    assert len(backlog) == 1
    assert backlog.take(0.0, young) == ("a", News(Urgency.TRADE, 5))


def test_marks_keep_their_pace_and_trade_events_do_not_wait() -> None:
    """After a message was changed its next mark waits; news of the trade does not, and a hurry waits for nothing."""
    backlog = Backlog(15.0)
    backlog.shown("a", 100.0, old=False)
    backlog.note("a", News(Urgency.MARK, 1))
    assert backlog.take(114.9, young) is None
    assert backlog.wait_s(105.0, young) == 10.0
    assert backlog.take(105.0, young, hurry=True) == ("a", News(Urgency.MARK, 1))
    backlog.note("a", News(Urgency.TRADE, 2))
    assert backlog.wait_s(105.0, young) == 0.0
    assert backlog.take(105.0, young) == ("a", News(Urgency.TRADE, 2))
    assert backlog.wait_s(105.0, young) is None


def test_marks_of_old_messages_share_one_pace() -> None:
    """Hour-old messages of a channel get one mark among them at a time, so that trade events always get through."""
    backlog = Backlog(1.0)
    backlog.shown("a", 100.0, old=True)
    backlog.note("b", News(Urgency.MARK, 1))
    assert backlog.take(101.0, old) is None
    assert backlog.take(100.0 + OLD_MARKS_EVERY_S, old) is not None


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(list(Urgency)))))
def test_nothing_that_was_noted_is_lost(noted: list[tuple[str, Urgency]]) -> None:
    """Everything noted comes out exactly once, most urgent first."""
    backlog = Backlog(15.0)
    for seq, (position_id, urgency) in enumerate(noted, 1):
        backlog.note(position_id, News(urgency, seq))
    taken = []
    while (one := backlog.take(0.0, young, hurry=True)) is not None:
        taken.append(one)
    assert sorted(position_id for position_id, _ in taken) == sorted(
        {position_id for position_id, _ in noted}
    )
    assert [news.urgency for _, news in taken] == sorted(news.urgency for _, news in taken)
