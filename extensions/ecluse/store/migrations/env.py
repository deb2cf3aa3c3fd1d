"""Alembic's way in. Only run by `ecluse.store.database.upgrade`, which brings the connection and its transaction."""

from alembic import context

from ecluse.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
