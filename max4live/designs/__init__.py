"""The devices, each described as boxes, wires, parameters and a strip."""
