"""What benchmarks run against: servers in processes, JACK without hardware, a controller, a browser."""
