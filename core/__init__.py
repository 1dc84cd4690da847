"""The shared vocabulary: parameter spaces, patches, mels, distances between sounds, errors."""
