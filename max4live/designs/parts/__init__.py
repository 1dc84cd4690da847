"""What several devices share: the link to the server, the way of a frame, the look of a control."""
