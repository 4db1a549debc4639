"""Draws figures in a process of its own: ``python -m bot.chart_process BROWSER``, started by the chart renderer.

A line of JSON comes in for each figure, four bytes of length and the PNG go out. It ends with its input. A figure that
cannot be drawn ends it too: whoever asked sees that, and begins anew.
"""

import asyncio
import os
import sys
from pathlib import Path

import orjson
import plotly
from kaleido import Kaleido, PageGenerator

from bot.chart import HEIGHT_PX, WIDTH_PX

SCALE = 2
LENGTH_BYTES = 4
_LESS_URGENT = 10
"""How much trading comes before pictures where the processor is short."""


async def draw_all(browser: str) -> None:
    """Draw what comes in until nothing more does. Everything is read from the machine, nothing is fetched."""
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    page = PageGenerator(plotly=library.as_uri(), mathjax=False)
    options = {"format": "png", "width": WIDTH_PX, "height": HEIGHT_PX, "scale": SCALE}
    async with Kaleido(n=1, page_generator=page, path=browser) as kaleido:
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            picture: bytes = await kaleido.calc_fig(orjson.loads(line), opts=options)
            sys.stdout.buffer.write(len(picture).to_bytes(LENGTH_BYTES) + picture)
            sys.stdout.buffer.flush()


def main() -> None:
    """Begin."""
    os.nice(_LESS_URGENT)
    asyncio.run(draw_all(sys.argv[1]))


if __name__ == "__main__":
    main()
