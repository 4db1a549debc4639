"""The settings file: every field documented, every fault told, nothing let through that could not be traded by."""

import tomllib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.channel_settings import ChannelSettings
from bot.risk_settings import StrategySettings
from bot.settings import Settings, SettingsError, load_settings, settings_of
from options.plan import Algo
from options.risk_limits import StrategyLimits
from strategies.exit_rules import TargetSettings
from tests.conftest import REPOSITORY

EXAMPLE = REPOSITORY / "callboard.example.toml"


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment of a developer says is not tested here."""
    for name in ("RISK__QTY_MAX", "RISK", "ACCOUNT", "FOLLOW_SIGNAL__EXITS__STOP"):
        monkeypatch.delenv(f"CALLBOARD_{name}", raising=False)


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def fields(model: type[BaseModel], prefix: str = "") -> dict[str, str]:
    """Every field by its dotted name, with its description; tables are gone into."""
    found: dict[str, str] = {}
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= fields(kind, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = info.description or ""
    return found


def dotted(table: dict[str, object], prefix: str = "") -> set[str]:
    names: set[str] = set()
    for name, value in table.items():
        inner = dotted(value, f"{prefix}{name}.") if isinstance(value, dict) else set()
        names |= inner or {f"{prefix}{name}"}
    return names


def test_the_example_holds_every_setting_with_its_default() -> None:
    """The example file loads, equals the defaults, has the same fingerprint, and leaves no field out."""
    loaded = load_settings(EXAMPLE)
    assert loaded == Settings()
    assert loaded.fingerprint == Settings().fingerprint
    assert dotted(tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))) == set(fields(Settings))


def test_the_example_says_what_every_setting_is() -> None:
    """Each field has a description, and it stands right above the field in the example file."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for name, description in fields(Settings).items():
        assert description, f"{name} has no description"
        places = [number for number, line in enumerate(lines) if line == f"# {description}"]
        assert places, f"{name}: {description!r} is not in the example"
        assert any(lines[number + 1].startswith(f"{name.rpartition('.')[2]} = ") for number in places)


def test_the_example_of_a_channel_holds_every_setting_of_one() -> None:
    """The example's table of a channel, its marks taken away, is one by default; each field is described there."""
    text = EXAMPLE.read_text(encoding="utf-8")
    block = text.partition("# [[discord.channels]]\n")[2].partition("\n\n")[0]
    lines = [line.removeprefix("# ") for line in block.splitlines()]
    table = tomllib.loads("\n".join(lines))
    assert ChannelSettings(**table) == ChannelSettings(id=table["id"])
    for name, info in ChannelSettings.model_fields.items():
        place = next(number for number, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[place - 1] == f"# {info.description}"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("id = 1\nping_role_id = 5", "ping_role_id pings in threads only"),
        ("id = 1\nbuttons = true\ndelay_minutes = 5", "take delay_minutes away, or buttons"),
        ('id = 1\ndetail = "half"', r"discord\.channels\.0\.detail"),
        ("id = 1\ndelay_minutes = -1", r"discord\.channels\.0\.delay_minutes"),
        ("guild_id = 5", r"discord\.channels\.0\.id"),
        ("id = 7", "channel 7 has a table in discord.channels and is named once more"),
        ("id = 8", "channel 8 has a table in discord.channels and is named once more"),
        ("id = 9\n[[discord.channels]]\nid = 9", "channel 9 has a table"),
    ],
)
def test_a_channel_that_cannot_be_is_refused(tmp_path: Path, table: str, sentence: str) -> None:
    """What contradicts itself in a channel's table, or stands twice, is refused with what to change."""
    text = f"[discord]\nchannel_ids = [7]\ndesk_channel_ids = [8]\n[[discord.channels]]\n{table}\n"
    with pytest.raises(SettingsError, match=sentence):
        load_settings(written(tmp_path, text))


def test_every_channel_stands_once_with_its_server(tmp_path: Path) -> None:
    """Plain channels, those with buttons and those with tables are one list, each with the server that it is in."""
    text = (
        "[discord]\nguild_id = 5\nchannel_ids = [7, 8]\ndesk_channel_ids = [8]\n[[discord.channels]]\nid = 9\n"
        "guild_id = 6\n[[discord.channels]]\nid = 10\n"
    )
    channels = load_settings(written(tmp_path, text)).discord.every_channel
    assert [(one.id, one.guild_id, one.buttons) for one in channels] == [
        (7, 5, False), (8, 5, True), (9, 6, False), (10, 5, False)
    ]  # fmt: skip


def test_what_a_file_says_counts_and_the_rest_is_default(tmp_path: Path) -> None:
    """A file changes what it names; money in it is exact."""
    text = 'account = "DU1"\n[risk]\npremium_trade_max = 1234.10\n[follow_signal]\nentry = "limit"\n'
    loaded = load_settings(written(tmp_path, text))
    assert (loaded.account, loaded.risk.premium_trade_max) == ("DU1", Decimal("1234.10"))
    assert loaded.follow_signal.entry is Algo.LIMIT
    assert loaded.quotes == Settings().quotes
    assert loaded.limits.premium_trade_max == Decimal("1234.10")


def test_the_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable overrides the file's field and leaves the others of its table alone."""
    monkeypatch.setenv("CALLBOARD_RISK__QTY_MAX", "5")
    loaded = load_settings(written(tmp_path, "[risk]\nqty_max = 9\nopen_positions_max = 3\n"))
    assert (loaded.risk.qty_max, loaded.risk.open_positions_max) == (5, 3)
    monkeypatch.setenv("CALLBOARD_RISK__QTY_MAX", "none")
    with pytest.raises(SettingsError, match=r"risk\.qty_max"):
        load_settings(None)
    monkeypatch.delenv("CALLBOARD_RISK__QTY_MAX")
    monkeypatch.setenv("CALLBOARD_RISK", "{")
    with pytest.raises(SettingsError, match="environment"):
        load_settings(None)


def test_a_part_can_be_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop, trailing stop, time and the wait for an entry can be switched off, in the file or the environment."""
    text = '[follow_signal]\ngive_up_after_s = "off"\n[follow_signal.exits]\ntrail = "off"\nstop = 0.1\n'
    monkeypatch.setenv("CALLBOARD_FOLLOW_SIGNAL__EXITS__STOP", "off")
    loaded = load_settings(written(tmp_path, text)).follow_signal
    assert (loaded.give_up_after_s, loaded.exits.trail, loaded.exits.stop) == (None, None, None)


def test_every_fault_is_told_with_its_field(tmp_path: Path) -> None:
    """A file with several faults is refused once, and each of them is named."""
    text = (
        'account = "a b"\nnosuch = 1\n[risk]\nqty_max = 0\n[quotes]\nspread_max = 3\n'
        '[follow_signal.selection]\ndelta = 0.9\n[follow_signal.exits]\nflat = "sometimes"\n'
    )
    with pytest.raises(SettingsError) as refused:
        load_settings(written(tmp_path, text))
    said = str(refused.value)
    for part in (
        "account:",
        "nosuch: there is no such setting",
        "risk.qty_max:",
        "quotes.spread_max:",
        "follow_signal.selection: delta must lie between",
        "follow_signal.exits.flat:",
        str(tmp_path),
    ):
        assert part in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "text",
    [
        "mark_every_s = inf",
        "mark_every_s = nan",
        "[risk]\npremium_day_max = inf",
        "[paper]\nlatency_s = -1",
        '[follow_signal]\nentry = "stop"',
        "[follow_signal]\ngive_up_after_s = 1e300",
        "[follow_signal.exits]\nhold_max_minutes = 1e300",
        "[follow_signal.exits]\nstop = 1.5",
        "[follow_signal.exits]\ntargets = [{ gain = 0.3, share = 0.6 }, { gain = 0.4, share = 0.6 }]",
        "[follow_signal.exits]\ntargets = [{ gain = 0.5, share = 0.5 }, { gain = 0.4, share = 0.5 }]",
        "[follow_signal.selection]\ndays_to_expiry_min = 20",
        "risk = 5",
        "this is no TOML",
    ],
)
def test_what_cannot_be_traded_by_is_refused(tmp_path: Path, text: str) -> None:
    """Numbers that are none, orders that need what a plan does not have, and ladders that fall are refused."""
    with pytest.raises(SettingsError):
        load_settings(written(tmp_path, text))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a folder, and bytes that are no text are each refused with the path."""
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            load_settings(path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="no TOML"):
        load_settings(tmp_path / "bytes.toml")


def test_the_fingerprint_changes_with_a_setting_and_not_with_its_spelling(tmp_path: Path) -> None:
    """0.3 and 0.30 are one setting; 0.31 is another."""
    prints = [
        load_settings(written(tmp_path, f"[follow_signal.exits]\nstop = {stop}\n")).fingerprint
        for stop in ("0.3", "0.300", "0.31")
    ]
    assert prints[0] == prints[1] == Settings().fingerprint
    assert prints[2] != prints[0]


def test_limits_of_risk_reach_the_core(tmp_path: Path) -> None:
    """What the collar does, and a strategy's own limits, in a table named after it; what is left out is left open."""
    text = '[risk]\ncollar_action = "cap"\n[risk.strategies.follow_signal]\nloss_day_max = 99.5\n'
    limits = load_settings(written(tmp_path, text)).limits
    assert limits.collar_caps
    assert limits.strategies == {"follow_signal": StrategyLimits(loss_day_max=Decimal("99.5"))}
    assert not Settings().limits.collar_caps


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("contract_qty_max = 40", "contract_qty_max 40 is below qty_max 50"),
        ("orders_per_minute_max = 1001", "risk.orders_per_minute_max:"),
        ("loss_day_max = 0", "risk.loss_day_max:"),
        ("duplicate_window_s = -1", "risk.duplicate_window_s:"),
        ("collar = 0", "risk.collar:"),
        ('collar_action = "ignore"', "risk.collar_action:"),
        ("[risk.strategies.mine]\nqty = 3", "risk.strategies.mine.qty: there is no such setting"),
        ("[risk.strategies.mine]\nloss_day_max = -3", "risk.strategies.mine.loss_day_max:"),
    ],
)
def test_limits_that_could_not_be_meant_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """Each is named with what would be right."""
    with pytest.raises(SettingsError) as refused:
        load_settings(written(tmp_path, f"[risk]\n{text}\n"))
    assert said in str(refused.value)


def test_a_file_may_begin_with_the_mark_that_some_editors_write(tmp_path: Path) -> None:
    """A byte order mark before the first line is no part of it."""
    path = tmp_path / "s.toml"
    path.write_bytes(b"\xef\xbb\xbf[risk]\nqty_max = 7\n")
    assert load_settings(path).risk.qty_max == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("risk = 5\n", "risk: this is a table of settings"),
        ('[follow_signal.exits]\ntargets = "off"\n', "follow_signal.exits.targets: give a list"),
        ("[risk]\nstrategies = 3\n", "risk.strategies: this is a table of settings"),
    ],
)
def test_what_is_no_table_or_no_list_is_told_so(tmp_path: Path, text: str, said: str) -> None:
    """In the words of the file, not of the program."""
    path = tmp_path / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(path)
    assert said in str(refused.value)


def test_a_variable_for_a_table_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit in a mistyped variable is told and not lost; other variables of that beginning are nobody's business."""
    monkeypatch.setenv("CALLBOARD_SHARED_DATA", "somewhere")
    assert load_settings(None) == Settings()
    monkeypatch.setenv("CALLBOARD_RSIK__QTY_MAX", "5")
    with pytest.raises(
        SettingsError, match="environment are wrong: CALLBOARD_RSIK__QTY_MAX: there is no such"
    ):
        load_settings(None)


TABLES: dict[str, tuple[type[BaseModel], Callable[[dict[str, object]], dict[str, object]]]] = {
    "": (Settings, lambda table: table),
    "discord.channels.0.": (ChannelSettings, lambda table: {"discord": {"channels": [{"id": 5} | table]}}),
    "risk.strategies.mine.": (StrategySettings, lambda table: {"risk": {"strategies": {"mine": table}}}),
    "follow_signal.exits.targets.0.": (
        TargetSettings,
        lambda table: {"follow_signal": {"exits": {"targets": [{"gain": "0.1", "share": "0.5"} | table]}}},
    ),
}
"""The tables of settings, those that may be given several times too: each, and how one of it is given."""


def refusal(table: dict[str, object]) -> str:
    """What settings are refused for; empty if they are taken."""
    try:
        settings_of("a file", table)
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("prefix", TABLES)
def test_true_is_taken_nowhere_but_where_it_is_asked(prefix: str) -> None:
    """Every setting that is no switch refuses true and false by its name, alone and in a list."""
    model, given_in = TABLES[prefix]
    taken = set()
    for name in fields(model):
        for given in (True, False, [True], [1, False]):
            *tables, own = name.split(".")
            table: dict[str, object] = {own: given}
            for outer in reversed(tables):
                table = {outer: table}
            said = refusal(given_in(table))
            assert not said or f"{prefix}{name}" in said
            if not said:
                taken.add((name, given is True or given is False))
    switches = {
        "": {"discord.required", "discord.charts", "discord.follow", "discord.access.second_admin"}
        | {"follow_signal.scale_in.also_at_loss"},
        "discord.channels.0.": {"buttons"},
    }
    assert taken == {(name, True) for name in switches.get(prefix, set())}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"paper": {"latency_s": True}}, "paper.latency_s: true is no number; give one, e.g. 0.25"),
        (
            {"risk": {"premium_day_max": False}},
            "risk.premium_day_max: false is no number; give one, e.g. 50000",
        ),
        ({"discord": {"channel_ids": [7, True]}}, "discord.channel_ids: true is no number; give one"),
        (
            {"risk": {"strategies": {"mine": {"qty_max": True}}}},
            "risk.strategies.mine.qty_max: true is no number; give one",
        ),
        (
            {"follow_signal": {"exits": {"stop": True}}},
            "follow_signal.exits.stop: true is no number; give one, e.g. 0.30",
        ),
    ],
)
def test_a_switch_for_a_number_is_told_what_is_right(table: dict[str, object], said: str) -> None:
    """In words, with the section and the key, and a number that could stand there."""
    with pytest.raises(SettingsError) as refused:
        settings_of("a file", table)
    assert str(refused.value) == f"settings in a file are wrong: {said}"


def test_a_switch_for_a_number_is_refused_in_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a word of its own and inside a table."""
    monkeypatch.setenv("CALLBOARD_RISK", '{"qty_max": true}')
    with pytest.raises(SettingsError, match=r"risk\.qty_max: true is no number"):
        load_settings(None)
    monkeypatch.setenv("CALLBOARD_RISK", "{}")
    monkeypatch.setenv("CALLBOARD_RISK__QTY_MAX", "true")
    with pytest.raises(SettingsError, match=r"risk\.qty_max: "):
        load_settings(None)
