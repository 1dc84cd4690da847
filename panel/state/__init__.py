"""What all pages share: history and snapshots, the path that plays, the sketch, and what pages are sent."""
