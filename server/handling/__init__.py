"""What answers messages: each control and question of a client becomes a change or an answer."""
