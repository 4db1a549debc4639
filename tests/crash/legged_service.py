"""A paper service whose first combo trades one leg after the other: ``python -m tests.crash.legged_service FOLDER``.

Until ``SECOND_LEG`` its order still works, and the broker holds the contracts of the first leg alone.
"""

import sys
from pathlib import Path

from msgspec.structs import replace

from bot.paper_service.messages import Answer, CloseDay, Request
from bot.paper_service.server import PaperService, serve
from options.combo_quote import is_combo
from options.contract_sums import parts_of
from options.execution.fill_models import QUOTE_RULES
from options.execution.paper import VENUE, broker_id
from options.inputs import BrokerReport, BrokerSnapshot, ExecutionReport, OpenOrder
from options.quote import QuoteLimits
from options.values import Micros
from tests.crash.order_path_day import OPEN, STEP

SECOND_LEG: Micros = OPEN + 12 * STEP


class LeggedService(PaperService):
    """Tells of the first combo's execution when its second leg is in."""

    held_back: ExecutionReport | None = None
    told = False

    def answer(self, request: Request) -> Answer:
        """As a paper service does; what was held back comes first, or with a look."""
        answer = super().answer(request)
        if self.told:
            return answer
        if isinstance(request, CloseDay) or request.at >= SECOND_LEG:
            self.told = True
            looked = any(isinstance(report, BrokerSnapshot) for report in answer.reports)
            late = [] if looked or self.held_back is None else [self.held_back]
            return Answer([*late, *answer.reports], answer.refused)
        return Answer([one for report in answer.reports for one in self._one_leg(report)], answer.refused)

    def _one_leg(self, report: BrokerReport) -> list[BrokerReport]:
        """What is said of it meanwhile."""
        if isinstance(report, ExecutionReport) and is_combo(report.instrument) and self.held_back is None:
            self.held_back = report
            return []
        if not isinstance(report, BrokerSnapshot) or self.held_back is None:
            return [report]
        back = self.held_back
        held = dict(report.positions or {})
        for contract, ratio in parts_of(back.instrument)[1:]:
            held[contract] = held.get(contract, 0) - back.qty * back.side.sign * ratio
        works = OpenOrder(client_ref=back.client_ref, broker_order_id=broker_id(back.client_ref), venue=VENUE)
        return [
            replace(
                report,
                open_orders=(*report.open_orders, works),
                executions=tuple(one for one in report.executions if one.exec_id != back.exec_id),
                completed=tuple(one for one in report.completed if one.client_ref != back.client_ref),
                positions={contract: qty for contract, qty in held.items() if qty},
            )
        ]


if __name__ == "__main__":
    serve(
        Path(sys.argv[1]),
        QuoteLimits(),
        QUOTE_RULES,
        lambda path: print(f"listening at {path}", flush=True),
        LeggedService,
    )
