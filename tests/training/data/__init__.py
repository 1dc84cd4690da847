"""Drawing, rendering, recording and storing patches."""
