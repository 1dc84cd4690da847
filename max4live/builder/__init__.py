"""What turns a design in Python into a device file: objects, parameters, layout, container."""
