"""A short trading day that goes through every boundary of the order path: partial fills, reprices, exits, a halt."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from bot.feeds.market import MarketSlice
from options.chain import Chain
from options.commands import CloseAll, Command, Halt, Resume, RollTrade
from options.contract import Combo, OptionContract, Right
from options.inputs import SignalArrived, SignalUnreadable
from options.intent import Decision, Outcome, TradeProposal
from options.plan import Algo, EntryPlan, ExitPlan, TargetPlan, TimeInForce
from options.quote import Quote
from options.session import Session
from options.signal import Action, Signal
from options.values import SECOND, Micros, from_iso
from strategies.base import MarketView

STEP: Micros = 5 * SECOND
SLICES = 130
OPEN = from_iso("2026-03-11T13:30:00Z")
SESSION = Session(date(2026, 3, 11), OPEN, OPEN + SLICES * STEP)
EXPIRY = date(2026, 3, 27)
HALT_REASON = "drill"

CONTRACTS = tuple(
    OptionContract(root=root, expiry=EXPIRY, right=Right.CALL, strike=Decimal(strike))
    for root, strike in (("ACME", 180), ("ACME", 185), ("ZORB", 64), ("ZORB", 66))
)
INSTRUMENTS: tuple[OptionContract | Combo, ...] = (
    *CONTRACTS,
    Combo.of((1, CONTRACTS[0]), (-1, CONTRACTS[1])),
    Combo.of((2, CONTRACTS[2]), (-1, CONTRACTS[3])),
)
_EXITS = ExitPlan(
    targets=(
        TargetPlan(gain=Decimal("0.05"), share=Decimal("0.5")),
        TargetPlan(gain=Decimal("0.12"), share=Decimal("0.5")),
    ),
    stop=Decimal("0.06"),
)
_KEPT = ExitPlan(stop=Decimal("0.9"))
_RESTING = EntryPlan(algo=Algo.LIMIT, limit_price=Decimal("0.10"), tif=TimeInForce.DAY)
_WALK = EntryPlan(algo=Algo.WALK, every_s=10.0, steps=4)

# When (slice), which instrument, how many, how in and how out.
Plans = tuple[tuple[int, int, int, EntryPlan, ExitPlan], ...]
PLANS: Plans = (
    (3, 0, 6, EntryPlan(), _EXITS),
    (8, 2, 5, _WALK, _EXITS),
    (14, 1, 4, _RESTING, _EXITS),
    (16, 3, 4, _RESTING, _EXITS),
    (24, 2, 6, EntryPlan(), ExitPlan(stop=Decimal("0.5"), hold_max_s=50.0)),
    (64, 0, 5, _WALK, _EXITS),
    (70, 1, 6, EntryPlan(algo=Algo.TWAP, every_s=10.0, steps=3), _EXITS),
    (80, 3, 4, EntryPlan(), _KEPT),
    (90, 0, 6, EntryPlan(), _EXITS),
)
# A day of combos, with legs that are held by themselves too.
COMBO_PLANS: Plans = (
    (3, 4, 2, EntryPlan(), _EXITS),
    (8, 5, 1, _WALK, _EXITS),
    (14, 0, 3, EntryPlan(), _KEPT),
    (20, 4, 1, EntryPlan(), _KEPT),
    (24, 5, 1, EntryPlan(), ExitPlan(stop=Decimal("0.5"), hold_max_s=50.0)),
    (64, 4, 2, EntryPlan(), _EXITS),
    (70, 1, 2, EntryPlan(), _KEPT),
    (80, 5, 1, EntryPlan(), _KEPT),
)
COMMANDS: tuple[tuple[Micros, Command], ...] = (
    (OPEN + 48 * STEP, Halt(command_id="halt-1", who="alice", reason=HALT_REASON)),
    (OPEN + 56 * STEP, Resume(command_id="resume-1", who="alice", answers=HALT_REASON)),
)
# A day on which the legs of the first combo trade one after the other.
ONE_LEG_REASON = f"positions differ: {CONTRACTS[0].key}: ours +0, the broker's +{COMBO_PLANS[0][2]}"
LEGS_READ = ((OPEN + 40 * STEP, Resume(command_id="resume-legs", who="alice", answers=ONE_LEG_REASON)),)
ROLLED = "T8"
# On a day that ends by hand, one trade is rolled, and everything is closed some minutes before the end.
ENDING = (
    (OPEN + 88 * STEP, RollTrade(command_id="roll-1", who="alice", trade_id=ROLLED, strike=Decimal(64))),
    (OPEN + 108 * STEP, CloseAll(command_id="close-all-1", who="alice")),
)


class OrderPathFeed:
    """Four options and their shares, quoted anew in every slice with one to three contracts on a side."""

    def __init__(self, seed: int) -> None:
        self.name = f"order_path_{seed}"
        self.own_time = True
        self.seed = seed
        self.session = SESSION
        self.symbols = ("ACME", "ZORB")
        self.chain = Chain((contract, 1_000) for contract in CONTRACTS)

    def slices(self) -> Iterator[MarketSlice]:
        """The day; every call gives the same."""
        draw = Random(f"order path {self.seed}")
        cents = [400, 300, 250, 350]
        for number in range(SLICES):
            now = OPEN + number * STEP
            changes = [(symbol, Quote(now, 99.9, 100.1, 100.0, 5, 5)) for symbol in self.symbols]
            for place, contract in enumerate(CONTRACTS):
                cents[place] = max(120, cents[place] + draw.randint(-9, 9))
                bid, ask = cents[place] - 5, cents[place] + 5
                sizes = draw.randint(1, 3), draw.randint(1, 3)
                changes.append((contract.key, Quote(now, bid / 100, ask / 100, cents[place] / 100, *sizes)))
            yield MarketSlice(now, sorted(changes, key=lambda change: change[0]))


def day_signals(plans: Plans = PLANS) -> list[SignalArrived | SignalUnreadable]:
    """One signal a plan, half a step after its slice."""
    return [
        SignalArrived(
            Signal(
                signal_id=f"s{number}",
                ts=OPEN + at * STEP + STEP // 2,
                source="script",
                symbol=INSTRUMENTS[place].symbol,
                action=Action.BUY,
                confidence=0.9,
            ),
            f"script:{number}",
        )
        for number, (at, place, _, _, _) in enumerate(plans)
    ]


class ScriptedStrategy:
    """Opens what the plan of a signal says."""

    name = "scripted"

    def __init__(self, plans: Plans = PLANS) -> None:
        self.plans = plans

    def on_signal(self, view: MarketView, signal: Signal) -> Decision:
        """The trade of this signal's number."""
        _, place, qty, entry, exits = self.plans[int(signal.signal_id[1:])]
        proposal = TradeProposal(
            instrument=INSTRUMENTS[place], direction=1, qty=qty, entry=entry, exits=exits, reason="scripted"
        )
        return Decision(
            strategy=f"scripted-{signal.signal_id}",
            outcome=Outcome.OPENED,
            reason="scripted",
            proposal=proposal,
        )
