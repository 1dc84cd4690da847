"""Facts of one machine, measured on it or set up on it: loops, controllers, microphones, Vital's MIDI map.

Imports only `synths` and `core`; `server` and `training` may import it.
"""
