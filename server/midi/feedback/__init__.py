"""What rings of lights and motor faders show, and when they are told."""
