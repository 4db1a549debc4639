"""Random days on which the broker holds what it can: stops, trailing stops and targets rest there in groups."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from options.combo_quote import is_combo
from options.plan import EntryPlan, ExitPlan, TargetPlan
from tests.options.desk import KEY
from tests.options.drawn_plans import asks_the_broker, held_by_broker
from tests.options.ending_machine import EndingMachine
from tests.options.life_machine import directions

guarded_plans = st.builds(
    ExitPlan,
    targets=st.sampled_from(
        [
            (),
            (TargetPlan(gain=Decimal("0.2"), share=Decimal("0.5")),),
            (
                TargetPlan(gain=Decimal("0.2"), share=Decimal("0.4")),
                TargetPlan(gain=Decimal("0.4"), share=Decimal("0.6")),
            ),
        ]
    ),
    stop=st.sampled_from([None, Decimal("0.3")]),
    trail=st.sampled_from([None, Decimal("0.2"), Decimal("0.4")]),
    break_even_after=st.just(None),
)


class HeldMachine(EndingMachine):
    """The days of :class:`EndingMachine`, with every plan's exits at the broker, but for those of combos."""

    @initialize(
        opening=st.lists(st.tuples(st.integers(2, 4), directions, guarded_plans), min_size=1, max_size=2),
        heard=st.booleans(),
    )
    def begin_with_some_trades(self, opening: list[tuple[int, int, ExitPlan]], heard: bool) -> None:
        """A day begins with positions, whose exits rest at the broker or are on their way there."""
        for qty, direction, exits in opening:
            self.enter(qty, KEY, EntryPlan(), exits, direction, "desk", filled=True)
        if heard:
            self.all_is_there()

    def as_can_be(self, key: str, exits: ExitPlan) -> ExitPlan:
        """A plan for an instrument: the broker holds what it can."""
        at_engine = is_combo(key) or asks_the_broker(exits)
        return super().as_can_be(key, exits) if at_engine else held_by_broker(exits)
