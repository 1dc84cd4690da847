"""A page on what a trained model does: sounds to play, pictures of them, and how the patches move."""
