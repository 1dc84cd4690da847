"""An interpreter of a device's wires: our objects only, each as Max's reference describes it."""
