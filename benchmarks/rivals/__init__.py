"""What ours is compared with: the least that such a program can do, and the plain way to write one."""
