"""The credentials that every sandbox knows: the only place where they are written down."""

from typing import Final

API_KEY: Final = "sandbox-api-key"
"""Sent raw in `Authorization`. Has a manager's rights, as company keys have."""

USERNAME: Final = "admin@patchworks.test"
PASSWORD: Final = "sandbox-password"
"""Logs in as an administrator."""

MANAGER_USERNAME: Final = "manager@patchworks.test"
MANAGER_PASSWORD: Final = "sandbox-manager-password"
"""Logs in as a manager, who may not do what only administrators may."""
