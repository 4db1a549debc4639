"""Numbers of a plan have one spelling on disk, whichever door they come through."""

from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from bot.clock import SystemClock
from bot.door.client import ask
from bot.door.ledger_desk import LedgerRules
from options import commands as c
from options.plan import Algo, EntryCondition, EntryPlan, ExitPlan
from options.risk import RiskLimits
from storage.ledger import LEDGER_PATH
from storage.verify import Verdict, verify
from tests.bot.command_room import KEY, CommandRoom


@pytest.mark.parametrize("running", [True, False])
def test_whole_seconds_leave_a_sound_ledger(tmp_path: Path, running: bool) -> None:
    """``every_s = 10`` and its like, given as whole numbers: taken, and the ledger proves itself to the letter."""
    entry = EntryPlan(algo=Algo.WALK, every_s=10, give_up_after_s=60, condition=EntryCondition(spread_max=1))
    new = c.NewTrade(
        command_id="c1", who="ann", instrument=KEY, qty=2, entry=entry, exits=ExitPlan(hold_max_s=3600)
    )
    changed = c.ModifyTrade(command_id="c2", who="ann", trade_id="T1", exits=ExitPlan(hold_max_s=60))
    with ExitStack() as stack:
        if running:
            stack.enter_context(CommandRoom(tmp_path))
        for command in (new, changed):
            answer = ask(tmp_path, command, SystemClock(), LedgerRules(RiskLimits())).answer
            assert answer.taken, answer.reasons
    found = verify(tmp_path / LEDGER_PATH)
    assert found.verdict is Verdict.SOUND, found.sentence


def test_a_plan_from_elsewhere_is_settled_too() -> None:
    """A plan read from plain values, as from a settings file, has the same spelling."""
    plan = msgspec.convert({"hold_max_s": 60}, ExitPlan)
    assert msgspec.json.encode(plan) == b'{"hold_max_s":60.0}'
