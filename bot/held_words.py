"""Who holds a contingent order, as a person types it: ``30%:broker`` for one, ``broker`` for all of a plan."""

import msgspec

from options.plan import ExitPlan, Held


def split_holder(text: str) -> tuple[str, Held | None]:
    """What was typed of an exit, and who it says shall hold it: ``@8.50:broker`` is ``@8.50`` and the broker."""
    for held in Held:
        rest = text.removesuffix(f":{held}")
        if rest != text:
            return rest, held
    return text, None


def held_by_all(held: Held, plan: ExitPlan) -> dict[str, object]:
    """What changes in a plan whose stops and targets shall all be held by one."""
    targets = tuple(msgspec.structs.replace(target, held=None) for target in plan.targets)
    return {"held": held, "stop_held": None, "trail_held": None, "targets": targets}
