"""What the server is compared with: the least such a program can do, and the straightforward one."""
