"""What marks leave to trades within Discord's limits, in virtual time: the real publisher, client and limits."""

from statistics import median

from tests.benchmarks.discord_channel import Load, watched


def test_f31_a_trade_does_not_wait_for_marks() -> None:
    """While ten positions tick at 10 Hz every edit is used, and no trade's news waits for what marks have used."""
    seen = watched(Load(10, lasts_s=60, trade_every_s=6))
    assert len(seen.trades_s) > 5
    assert max(seen.trades_s) < 1.0
    assert seen.edits >= 55
    assert seen.refused == 0


def test_f31_news_of_an_hour_old_message_holds_no_young_one_up() -> None:
    """When the edits of hour-old messages are used up, those of younger ones go on as ever."""
    seen = watched(Load(10, lasts_s=120, trade_every_s=3, old=5))
    assert seen.refused > 0
    assert len(seen.young_s) > 10
    assert median(seen.young_s) < 0.5
    assert max(seen.young_s) < 5.0 < max(seen.trades_s)
