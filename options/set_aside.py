"""An input at which deciding has failed again: it is set aside with an alarm, and never decided on any more."""

from options import events as e
from options import inputs as i
from options.batch import Batch
from options.book import Book
from options.command_desk import ID_CHARACTERS, command_text
from options.entry_recall import stop_entries
from options.input_events import InputSetAside
from options.intake import refuse_signal
from options.shown_text import REASON_CHARACTERS, WORD_CHARACTERS, printable
from options.steering import Steering
from options.values import Micros, to_iso

FAILURES_MAX = 2
"""How often deciding on an input may fail: once may be chance (a machine out of memory), twice is the input."""


def input_names(at: Micros, cause: str, given: i.Input) -> tuple[str, ...]:
    """What an input is called, the same whenever it comes again: after a restart too.

    A signal and a command have ids. The market and the clock have their moment. What a broker says at once has a name
    for each report, by what it is about: next time they may come in other company and at another moment.
    """
    return tuple(printable(name, REASON_CHARACTERS) for name in _names(at, cause, given))


def _names(at: Micros, cause: str, given: i.Input) -> list[str]:
    match given:
        case i.SignalArrived() | i.SignalAnswered() | i.CommandGiven():
            return [cause]
        case i.SignalUnreadable(where=where):
            return [f"{cause} {where}"]
        case i.BrokerReported(reports=reports):
            return [f"{cause} {type(one).__name__} {_about(one) or to_iso(at)}" for one in reports]
        case _:
            return [f"{cause} {to_iso(at)}"]


def one_by_one(given: i.Input) -> list[i.Input]:
    """An input in the parts that can be set aside by themselves: what a broker said at once, report by report."""
    if isinstance(given, i.BrokerReported):
        return [i.BrokerReported((one,)) for one in given.reports]
    return [given]


def is_poison(book: Book, name: str) -> bool:
    """Whether deciding on this input has failed too often to be tried again."""
    return len(book.failed_inputs.get(name, ())) >= FAILURES_MAX


def set_aside(manager: Steering, at: Micros, cause: str, given: i.Input, name: str) -> list[e.TradeEvent]:
    """Put an input aside: the fact, the refusal that a signal or a command is owed, and the halt.

    Nothing when it was put aside before. It is no decision on the input: nothing is netted and nothing sent, as that
    may be what fails. What a halt takes back goes out with the next input.
    """
    book = manager.book
    if name in book.set_aside:
        return []
    batch, failures = Batch(book, at, cause), book.failed_inputs[name]
    batch.add(InputSetAside(batch.ts, batch.cause, given=name, error=failures[-1]))
    reason = f"{printable(name, 120)} could not be decided on and was set aside"
    match given:
        case i.SignalArrived(signal=signal, where=where, line=line):
            refuse_signal(batch, i.SignalUnreadable(where, (reason,), signal.signal_id, line=line))
        case i.CommandGiven(command=command):
            batch.add(
                e.CommandRefused(
                    batch.ts,
                    batch.cause,
                    command_id=command.command_id,
                    who=printable(command.who, ID_CHARACTERS),
                    verb=command.verb,
                    text=command_text(command),
                    trade_id=printable(getattr(command, "trade_id", ""), WORD_CHARACTERS),
                    reasons=(reason,),
                )
            )
        case _:
            pass
    if not book.halt_reason:
        batch.add(e.TradingHalted(batch.ts, batch.cause, reason=reason[:REASON_CHARACTERS], source="engine"))
        if len(failures) == FAILURES_MAX:  # else calling the entries back is what has failed since
            stop_entries(manager, batch, "halt", f"halted: {reason}", "engine")
    return batch.end()


def _about(report: i.BrokerReport) -> str:
    match report:
        case i.ExecutionReport(exec_id=about) | i.AssignmentReport(assignment_id=about):
            return about
        case i.BrokerSnapshot() | i.BrokerLostReport():
            return ""
        case _:
            return report.client_ref
