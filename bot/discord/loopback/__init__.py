"""A small Discord of our own on loopback: REST, gateway and a page, for the demo and for tests."""
