"""The wavetable of the base patch in 16 bits, for a device whose state has to be smaller.

`python -m max4live.builder.small_frames` measures Vital's engine and writes `small_frames.txt`.

Vital morphs between two frames by the amplitude and the phase of each harmonic. A harmonic that is silent in
one of them takes its phase from rounding: in the exact table from that of float32, in one of 16 bits from
another, and then FM and distortion sound different. So the silent harmonics are given the phases with which
the engine morphs, 80 dB below the frame beside them, and the rounding is moved above the 512th harmonic,
where nothing is heard (Babai's nearest plane: each sample makes up for those before it).
"""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic_file import write_atomically

__all__ = ["FRAMES_FILE", "rounded_frames"]

FRAMES_FILE = Path(__file__).with_name("small_frames.txt")
_BASE_PATCH = Path(__file__).parents[2] / "synths" / "spaces" / "vital-base.vital"
N_HARMONICS = 512  # of synths/wavetable.py
_FULL = 32_767
_SILENT = 1e-6
_LEAST = 1e-7  # of a silent harmonic: five times the rounding that is left
_BESIDE = 1e-4  # and at least this share of the frames beside it
_OUTSIDE = 1e-6  # how much rounding above the last harmonic counts, of what it counts below
_ROUNDED_PLAINLY = (3, 6, 7)  # frames in which nothing is silent, and much is loud
_WARM, _TRIANGLE, _SAW = 1, 2, 3
_NUDGES = {_WARM: 1e-7, _SAW: -3e-6}


def rounded_frames() -> np.ndarray:
    """Return the frames in 16 bits, int16 `(9, 2048)`, after measuring how the engine morphs them."""
    frames = _exact()
    spectra = np.fft.rfft(frames, axis=1) / (frames.shape[1] / 2)
    order = np.arange(spectra.shape[1])
    heard = (order > 0) & (order <= N_HARMONICS)
    rounded = []
    for k, spectrum in enumerate(spectra):
        target = spectrum.copy()
        target[0] = 0.0
        silent = heard & (np.abs(spectrum) < _SILENT) & (k != _WARM)
        if silent.any():
            beside = np.maximum(np.abs(spectra[max(k - 1, 0)]), np.abs(spectra[min(k + 1, len(frames) - 1)]))
            loud = np.maximum(_LEAST, _BESIDE * beside)
            target[silent] = (loud * np.exp(1j * _phases(frames[k])))[silent]
        if k in _NUDGES:
            # The triangle's harmonics 3, 7, 11, ... are upside down: a hair decides which way they turn.
            turned = heard & (order % 4 == 3)
            unit = target / np.maximum(np.abs(target), 1e-30)
            target[turned] += (_NUDGES[k] * _way_round(k) * 1j * unit)[turned]
        samples = np.fft.irfft(target * (frames.shape[1] / 2), n=frames.shape[1]) * _FULL
        whole = np.round(samples) if k in _ROUNDED_PLAINLY else _shaped(samples, heard)
        rounded.append(whole.clip(-_FULL, _FULL))
    return np.array(rounded).astype("<i2")


def _wavetable() -> dict[str, Any]:
    """Return the wavetable of the base patch."""
    return dict(json.loads(_BASE_PATCH.read_text(encoding="utf-8"))["settings"]["wavetables"][0])


def _exact() -> np.ndarray:
    """Return its frames, `(9, 2048)`."""
    keyframes = _wavetable()["groups"][0]["components"][0]["keyframes"]
    frames = [np.frombuffer(base64.b64decode(frame["wave_data"]), "<f4") for frame in keyframes]
    return np.array(frames, np.float64)


def _shaped(samples: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Return whole numbers whose difference from the samples is small where it is heard."""
    n = len(samples)
    counts = np.where(heard, 1.0, _OUTSIDE)
    counts[0] = 1.0
    kernel = np.fft.irfft(counts, n=n)
    together = kernel[(np.arange(n)[:, None] - np.arange(n)[None, :]) % n]
    factor = np.linalg.cholesky(together).T
    whole, off = np.empty(n), np.zeros(n)
    for k in reversed(range(n)):
        whole[k] = np.round(samples[k] - factor[k, k + 1 :] @ off[k + 1 :] / factor[k, k])
        off[k] = whole[k] - samples[k]
    return whole


def _phases(frame: np.ndarray) -> np.ndarray:
    """Return the phase of each harmonic of a frame as the engine has it, `(1025,)`."""
    known = np.zeros(len(frame) // 2 + 1, complex)
    known[1 : N_HARMONICS + 1] = -0.01j
    table = _table([frame, np.fft.irfft(known * (len(frame) / 2), n=len(frame))], (0, 256))
    between = np.angle(_harmonics(table, 128) / _harmonics(table, 256))
    return _padded(2.0 * between - np.pi / 2, len(known))


def _way_round(k: int) -> np.ndarray:
    """Return 1 or -1 for each harmonic: which way it turns half way between a frame and the triangle."""
    at = [32 * frame for frame in (k, _TRIANGLE)]
    between = np.angle(_harmonics(_wavetable(), sum(at) // 2) / _harmonics(_wavetable(), at[0]))
    return _padded(np.sign(between if k < _TRIANGLE else -between), _exact().shape[1] // 2 + 1)


def _padded(values: np.ndarray, n: int) -> np.ndarray:
    """Put values of harmonics 1 to 512 among those of a whole spectrum."""
    whole = np.zeros(n)
    whole[1 : N_HARMONICS + 1] = values
    return whole


def _table(frames: list[np.ndarray], positions: tuple[int, ...]) -> dict[str, Any]:
    table = _wavetable()
    table["groups"][0]["components"][0]["keyframes"] = [
        {"position": position, "wave_data": base64.b64encode(frame.astype("<f4").tobytes()).decode()}
        for position, frame in zip(positions, frames, strict=True)
    ]
    return table


def _harmonics(table: dict[str, Any], position: float) -> np.ndarray:
    """Return the amplitudes, complex `(512,)`, of a bare oscillator at a place of a wavetable."""
    import vita

    synth = vita.Synth()
    patch = json.loads(synth.to_json())
    patch["settings"]["wavetables"][0] = table
    synth.load_json(json.dumps(patch))
    controls = synth.get_controls()
    for name, value in _BARE.items():
        controls[name].set(value)
    controls["osc_1_wave_frame"].set(position)
    sound = np.asarray(synth.render(_NOTE, 1.0, 1.5, 1.5))[0, _FIRST : _FIRST + _N]
    seconds = np.arange(_FIRST, _FIRST + _N) / 44_100
    pitch_hz = 440.0 * 2.0 ** ((_NOTE - 69) / 12)
    windowed = sound * np.blackman(_N)
    turns = np.exp(-2j * np.pi * pitch_hz * np.outer(np.arange(1, N_HARMONICS + 1), seconds))
    return turns @ windowed


_NOTE = 24  # its 512th harmonic is below half the sample rate
_FIRST, _N = 12_000, 32_768
_BARE = {
    "osc_1_on": 1.0,
    "osc_1_random_phase": 0.0,
    "osc_1_unison_voices": 1.0,
    "osc_1_destination": 3.0,  # past filters and effects
    "osc_1_level": 0.7,
    "filter_1_on": 0.0,
    "env_1_attack": 0.0,
    "env_1_sustain": 1.0,
}


def _main() -> None:
    """Write the frames."""
    text = base64.b64encode(rounded_frames().tobytes()).decode()
    lines = [text[at : at + 100] for at in range(0, len(text), 100)]
    write_atomically(FRAMES_FILE, "\n".join(lines) + "\n")


if __name__ == "__main__":
    _main()
