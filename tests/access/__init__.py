"""Who may call what: every route of the hub and the airlock, by caller. The tests try each cell; the docs print it."""
