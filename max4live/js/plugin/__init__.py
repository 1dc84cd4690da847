"""The scripts that find the model's parameters in a plug-in, on the track or inside the device."""
