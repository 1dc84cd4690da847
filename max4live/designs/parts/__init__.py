"""What several devices share: the link to the server, the path of a frame, the look of a control."""
