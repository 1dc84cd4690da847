from server.midi.ports.port_names import matching_output


def test_the_output_of_a_controller_is_found_by_its_name():
    assert matching_output("Knobs:out", ["Other:in", "Knobs:in"]) == "Knobs:in"
    assert matching_output("Launch", ["Launchpad", "Launch"]) == "Launch"
    assert matching_output("Knobs:out", ["Knobs:in_1", "Knobs:in_2"]) is None  # not sure: none
    assert matching_output("Knobs:out", ["Flow Synth Live:rings"]) is None
