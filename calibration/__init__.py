"""What is measured or set up on one player's machine.

Loops through outboard synths, controllers, microphones, what each control and macro does there, and Vital's
MIDI map.
"""
