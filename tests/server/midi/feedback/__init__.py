"""What rings and motor faders are told."""
