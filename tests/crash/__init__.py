"""The real process, killed and started again."""
