"""Parameter spaces and preset files of synths, engines that play them, and the way to a synth outside."""
