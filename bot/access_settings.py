"""Who may use which Discord commands. Who is not named may use none."""

from typing import Annotated

from pydantic import Field

from strategies.settings_table import SettingsTable

Ids = tuple[Annotated[int, Field(gt=0)], ...]
ShownWith = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]


class DiscordAccess(SettingsTable):
    """The tiers: each may do what the one before may, and more.

    Roles and users are Discord's ids; the server's own id, as a role, is everyone. Discord shows a command to those
    with the permission named for its tier: ``everyone``, ``nobody`` (server administrators and whom they allow under
    Integrations), or one of Discord's own names, e.g. ``manage_messages``. Who may use it is checked by us, always.
    """

    viewer_roles: Ids = Field(default=(), description="Roles that may look: positions, orders, P&L, reports.")
    viewer_users: Ids = Field(default=(), description="Users that may look.")
    helper_roles: Ids = Field(default=(), description="Roles that may also trim, up to helper_trim_max.")
    helper_users: Ids = Field(default=(), description="Users that may also trim.")
    trader_roles: Ids = Field(default=(), description="Roles that may also trade and halt.")
    trader_users: Ids = Field(default=(), description="Users that may also trade and halt.")
    admin_roles: Ids = Field(default=(), description="Roles that may also resume and close everything.")
    admin_users: Ids = Field(default=(), description="Users that may also resume and close everything.")
    helper_trim_max: Annotated[int, Field(ge=1)] = Field(
        default=2, description="Most contracts that one trim by a helper may take out."
    )
    second_admin: bool = Field(
        default=False, description="Whether another admin must confirm resume and close-all."
    )
    confirm_within_s: Annotated[float, Field(ge=5, le=840)] = Field(
        default=60, description="Seconds after which a confirmation that was asked for is void."
    )
    viewer_shown_with: ShownWith = Field(
        default="everyone", description="Who is shown the commands for looking."
    )
    helper_shown_with: ShownWith = Field(default="nobody", description="Who is shown the helpers' commands.")
    trader_shown_with: ShownWith = Field(default="nobody", description="Who is shown the traders' commands.")
    admin_shown_with: ShownWith = Field(default="nobody", description="Who is shown the admins' commands.")

    @property
    def anybody(self) -> bool:
        """Whether anybody may use any command."""
        return any(
            getattr(self, f"{tier}_{kind}")
            for tier in ("viewer", "helper", "trader", "admin")
            for kind in ("roles", "users")
        )


NOBODY_AT_ALL = DiscordAccess()
"""Nobody may use anything: what holds where nothing is set."""
