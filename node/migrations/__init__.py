"""Changes of the database, in their order; inside the package so that an installed node can migrate itself.

alembic is imported here and nowhere else, when somebody migrates: it costs memory that a running server does not have
to spend.
"""

from __future__ import annotations

from pathlib import Path

from node.database import Database


def migrate(database: Database, *, to: str = "head") -> None:
    """Bring the database to the newest version, or to an earlier one; one that is there already is left alone."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["engine"] = database.engine
    command.upgrade(settings, to)
