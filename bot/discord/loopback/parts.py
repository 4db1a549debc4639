"""The parts of one loopback Discord, put together."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.discord.loopback.announcements import Announcement, Announcements
from bot.discord.loopback.answers import Answers
from bot.discord.loopback.board import Board
from bot.discord.loopback.commands import Commands
from bot.discord.loopback.faults import Faults
from bot.discord.loopback.gateway import Gateway
from bot.discord.loopback.interactions import Interactions
from bot.discord.loopback.journal import Journal
from bot.discord.loopback.limits import Limits
from bot.discord.loopback.world import World


@dataclass(frozen=True)
class Parts:
    """What the routes work on."""

    clock: Clock
    world: World
    announcements: Announcements
    board: Board
    commands: Commands
    interactions: Interactions
    answers: Answers
    gateway: Gateway
    faults: Faults
    limits: Limits
    journal: Journal

    @classmethod
    def of(cls, world: World, journal_size: int) -> "Parts":
        """The parts over a world."""
        announcements = Announcements()
        board = Board(world, announcements)
        commands = Commands(world)
        interactions = Interactions(world, board, commands)
        faults = Faults(world.clock)
        gateway = Gateway(world, faults)
        announcements.listen(gateway.announce)
        presence = Announcement("PRESENCE_CHANGED", {}, to_bot=False)
        gateway.presence_changed = lambda: announcements.tell(presence)
        return cls(
            clock=world.clock,
            world=world,
            announcements=announcements,
            board=board,
            commands=commands,
            interactions=interactions,
            answers=Answers(world, board, interactions),
            gateway=gateway,
            faults=faults,
            limits=Limits(world.clock),
            journal=Journal(journal_size),
        )
