"""What every folder shares: parameter spaces, notes, mels, distances between sounds, files, errors."""
