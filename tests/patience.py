"""How long a test waits for what is sure to come: a machine that is busy with something else is no fault."""

PATIENCE_S = 60.0
