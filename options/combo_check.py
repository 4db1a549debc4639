"""What a combo's plans cannot ask for."""

from options.plan import Basis, EntryPlan, ExitPlan, Watch


def combo_faults(entry: EntryPlan, exits: ExitPlan) -> list[str]:
    """Everything in the plans that a net price cannot carry, with what would be right; empty if there is nothing."""
    faults = []
    if exits.trail is not None:
        faults.append(
            "a combo's trailing stop is an amount in dollars: a fraction means nothing around a price of zero"
        )
    if exits.basis is Basis.LAST:
        faults.append("a combo has no last price: judge its exits by mid, far side or two marks")
    condition = entry.condition
    if condition is not None and condition.spread_max is not None:
        faults.append("a combo's entry cannot wait for a spread: wait for a level or a time")
    if condition is not None and condition.level is not None and condition.watch is Watch.OPTION:
        faults.append(
            "a combo's entry waits for a level of the underlying, not of its net price: give it a limit"
        )
    return faults
