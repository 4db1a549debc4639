"""Discord: where the community sees the positions and admins steer them."""
