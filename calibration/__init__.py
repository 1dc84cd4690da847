"""Facts of one machine, measured on it or set up on it: so far the controllers that Vital answers.

Imports only `synths` and `core`; `server` and `training` may import it.
"""
