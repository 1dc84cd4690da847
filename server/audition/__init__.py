"""Hearing the present patch without a plug-in."""
