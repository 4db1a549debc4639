"""How fast it is, each figure beside the bare limit of the machine it ran on. Not part of the tests."""
