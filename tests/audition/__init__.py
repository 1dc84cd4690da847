"""Hearing the present patch."""
