"""Drawing patches, rendering them, learning from them, and measuring what was learned."""
