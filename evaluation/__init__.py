"""Measuring trained models; a web page about one in `report/`, the model folder in `packaging/`."""
