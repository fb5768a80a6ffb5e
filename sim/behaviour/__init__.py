"""What a state does: valuing proposals, voting, chairing."""
