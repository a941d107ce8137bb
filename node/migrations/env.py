"""What alembic runs: one transaction on the engine that `node.migrations.migrate` hands over."""

from alembic import context

from node import rooms
from node.database import metadata

assert rooms.ROOMS  # importing the rooms fills the metadata

engine = context.config.attributes["engine"]

with engine.begin() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
