"""A person's call of a command in the shape in which the gateway delivers it, checked as Discord's client checks it."""

from typing import Any

from bot.discord.loopback.commands import NESTING, OptionKind
from bot.discord.loopback.json_value import JsonValue
from bot.discord.loopback.payloads import bare_member_payload, channel_payload, role_payload, user_payload
from bot.discord.loopback.world import World


class CallRefused(ValueError):
    """Discord's own client would not let a person send this."""


def command_call(
    world: World,
    command: dict[str, Any],
    path: list[str],
    given: dict[str, Any],
    *,
    guild_id: int | None,
    focused: str | None = None,
) -> dict[str, Any]:
    """The ``data`` of an interaction; ``path`` names the subcommands, ``focused`` the option being typed.

    :raises CallRefused: an option is missing, unknown, of the wrong type or out of range.
    """
    resolved: dict[str, dict[str, Any]] = {}
    level = command
    for word in path:
        found = [o for o in level.get("options", []) if o["name"] == word and o["type"] in NESTING]
        if not found:
            raise CallRefused(f"/{command['name']} has no subcommand {word!r}")
        level = found[0]
    known = {option["name"]: option for option in level.get("options", [])}
    if any(option["type"] in NESTING for option in known.values()):
        raise CallRefused(f"/{command['name']} needs one of the subcommands {', '.join(known)}")
    if strangers := set(given) - set(known):
        raise CallRefused(f"/{command['name']} has no option {', '.join(sorted(strangers))}")
    options = []
    for name, option in known.items():
        if name not in given or given[name] is None or given[name] == "":
            if name == focused:
                options.append({"name": name, "type": option["type"], "value": "", "focused": True})
            elif option.get("required") and focused is None:
                raise CallRefused(f"/{command['name']} needs the option {name}")
            continue
        if name == focused:
            # While it is typed, any text goes, even for a number.
            options.append({"name": name, "type": option["type"], "value": str(given[name]), "focused": True})
            continue
        value = _value(world, option, given[name], guild_id, resolved, partial=focused is not None)
        if value is not None:
            options.append({"name": name, "type": option["type"], "value": value})
    if focused is not None and not known.get(focused, {}).get("autocomplete"):
        raise CallRefused(f"/{command['name']} completes no option {focused!r}")
    for word in reversed(path):
        kind = OptionKind.GROUP if options and options[0].get("type") in NESTING else OptionKind.SUBCOMMAND
        options = [{"name": word, "type": int(kind), "options": options}]
    data: dict[str, Any] = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if command.get("guild_id"):
        data["guild_id"] = command["guild_id"]
    return data | {"options": options} | ({"resolved": resolved} if resolved else {})


def _value(
    world: World,
    option: dict[str, Any],
    given: JsonValue,
    guild_id: int | None,
    resolved: dict[str, dict[str, Any]],
    *,
    partial: bool,
) -> JsonValue:
    kind = OptionKind(option["type"])
    try:
        if kind in {OptionKind.USER, OptionKind.ROLE, OptionKind.CHANNEL}:
            return _resolve(world, kind, int(given), guild_id, resolved)
        value = _converted(kind, given)
        _within(option, value)
    except (ValueError, KeyError) as error:
        if partial:
            return None
        raise CallRefused(f"option {option['name']}: {error}") from error
    return value


def _converted(kind: OptionKind, given: JsonValue) -> JsonValue:
    if kind is OptionKind.INTEGER:
        return int(given)
    if kind is OptionKind.NUMBER:
        return float(given)
    if kind is OptionKind.BOOLEAN:
        if given in {True, False, "true", "false"}:
            return given in {True, "true"}
        raise ValueError(f"{given!r} is neither true nor false")
    return str(given)


def _within(option: dict[str, Any], value: JsonValue) -> None:
    if option.get("choices") and value not in {choice["value"] for choice in option["choices"]}:
        raise ValueError(f"{value!r} is not one of the choices")
    if "min_value" in option and value < option["min_value"]:
        raise ValueError(f"{value} is below {option['min_value']}")
    if "max_value" in option and value > option["max_value"]:
        raise ValueError(f"{value} is above {option['max_value']}")
    if "min_length" in option and len(value) < option["min_length"]:
        raise ValueError(f"shorter than {option['min_length']} characters")
    if "max_length" in option and len(value) > option["max_length"]:
        raise ValueError(f"longer than {option['max_length']} characters")


def _resolve(
    world: World,
    kind: OptionKind,
    found_id: int,
    guild_id: int | None,
    resolved: dict[str, dict[str, Any]],
) -> str:
    key = str(found_id)
    if kind is OptionKind.USER:
        resolved.setdefault("users", {})[key] = user_payload(world.users[found_id])
        if guild_id is not None:
            member = bare_member_payload(world.guilds[guild_id].members[found_id])
            resolved.setdefault("members", {})[key] = member | {"permissions": "0"}
    elif kind is OptionKind.ROLE:
        assert guild_id is not None, "a role belongs to a guild"
        resolved.setdefault("roles", {})[key] = role_payload(world.guilds[guild_id].roles[found_id])
    else:
        resolved.setdefault("channels", {})[key] = channel_payload(world, world.channels[found_id]) | {
            "permissions": "0"
        }
    return key
