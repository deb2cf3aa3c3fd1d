"""Changes of the control database, in order, run by `ecluse.store.database.upgrade`."""
