"""The devices, each written down as boxes, wires, parameters and a strip."""
