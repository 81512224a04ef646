"""How one round is played, one kind of game a file."""
