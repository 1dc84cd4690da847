"""Drawing, levelling, rendering and storing training patches."""
