"""Facts measured on this machine: macro ranges, controller curves, microphone level. Nothing here yet.

Imports only `synths` and `core`; `server` and `training` may import it.
"""
