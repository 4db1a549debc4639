"""What one measurement says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure, the floor it must keep, and the bare limit it is seen against.

    ``figure``, ``floor`` and ``bare`` are in ``unit``. ``bare`` is what the machine does without the project's code
    in the same run (``bare_name`` says doing what). ``floor`` is the worst value that is still good enough: the
    least where ``higher_is_better``, else the most. ``None`` where there is no floor or no bare limit.
    """

    name: str
    figure: float
    unit: str
    floor: float | None = None
    bare: float | None = None
    bare_name: str = ""
    higher_is_better: bool = True
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure over the bare limit, or ``None`` where there is none to compare with."""
        return self.figure / self.bare if self.bare else None

    @property
    def met(self) -> bool | None:
        """Whether the floor is kept, or ``None`` where there is none."""
        if self.floor is None:
            return None
        return self.figure >= self.floor if self.higher_is_better else self.figure <= self.floor
