"""Controllers in, control changes out: what a player's hands do, without the sockets."""
