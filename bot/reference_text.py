"""The prose of the pages that :mod:`bot.reference` makes."""

MADE_BY = "This page is made from the code by `python -m bot.reference`; a test holds that it is current.\n"

LEDGER_HEAD = """# The ledger

`options/trade_events.jsonl` under the data folder is the record of everything: JSON Lines, UTF-8, one event a line,
only ever appended to. Folding its events in order gives the state back; nothing else is needed for that.
"""

ENVELOPE = """## A line

Every line begins with its head, then comes the event.

| field | type | what it is |
| --- | --- | --- |
| `v` | whole number | version of this format: 1 |
| `seq` | whole number | the line's number: 1, 2, 3 … without gaps |
| `prev` | text | SHA-256 of the line before without its newline, 64 hexadecimal digits; 64 zeros on the first line |
| `more` | whole number | 1 if the next line belongs to the same batch; left out on a batch's last line |
| `type` | text | what happened: one of the events below |
| `ts` | text | when: ISO 8601 UTC with six digits of microseconds and `Z`; the order of the text is that of time |
| `cause` | text | the input that led to it; left out when empty |

Prices and money are JSON numbers that are to be read as decimals: they are written exactly, and a reader that takes
them for binary floats loses that. Marks are floats. Fields that hold their default are left out. An option is named by
its 21-character OCC symbol, a stock by its symbol, a combo by its legs with their ratios.
"""

LEDGER_RULES = """## The rules

- **The chain.** `seq` counts up by one, and each `prev` is the hash of the line before. A changed, missing or added
  line shows at the line after it. The last line's hash stands for the whole ledger.
- **Batches.** What one input led to is one batch: consecutive lines, all but the last with `"more":1`. A batch is made
  durable before any of its effects leaves the process, and it counts whole or not at all.
- **A torn last line.** A crash while writing can leave an unfinished last line. On opening it is cut off, and the event
  `LedgerRepaired` says so. Nothing else is ever removed, and damage anywhere else is refused with the line's number.
- **A batch that was cut short.** A crash can also leave a batch without its last lines. Its lines stay; `BatchVoided`
  names them, and from then on they count for nothing. Their effects had not left, so the input is taken again.
- **One spelling.** Reading a line and writing it again gives the same bytes.
"""

LIFECYCLE_HEAD = """# The life of a trade

A trade has two statuses, shown with exactly these words: the order status says what is out, the trade status what is
at risk. One table in the code (`options/lifecycle.py`) says which step leads where; a step that it does not hold is an
error.
"""

LIFECYCLE_STATUSES = """Fills drive it: a step such as *entry filled in part* is taken because an execution was booked,
never because of what a broker's status text said.
"""
