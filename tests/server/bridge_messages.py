"""What a bridge was sent and sends: shared by the tests of messages."""


def addresses(messages):
    return [m[0] for m in messages]


def state(rig):
    instrument = rig.instrument
    return (
        instrument.latent.tobytes(),
        instrument.current_patch().tobytes(),
        sorted(instrument.frozen),
        len(instrument.path),
        instrument.path.in_parameters,
        instrument.model.name,
        sorted(rig.store.presets),
    )


KNOBS = ["/flow/macros", "/flow/latent", "/flow/place"]
FOLLOWED = {
    "/flow/latent": [0.5] * 32,
    "/flow/patch": [0.5] * 32,
    "/flow/vary": [0.5],
    "/flow/preset/load": ["Bass 0"],
    "/flow/place": [0.25, 0.75],
    "/flow/path/play": [0.5],
}
