"""What a command does before anything else."""
