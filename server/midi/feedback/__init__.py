"""What rings of lights and motor faders show, and when it is sent to them."""
