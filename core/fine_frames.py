"""Fine frames: what a mel of 46 ms frames cannot hold, such as vibrato, tremolo and the shape of an attack.

Beside its mel a sound is heard in frames of 10 ms, in 24 wide bands, and its pitch is followed. Both are kept
in bytes, because a quarter of a million sounds have to fit into memory.
"""

import numpy as np
import scipy.fft
import scipy.signal

from core.mel import MelConfig, log_mel

__all__ = ["FINE_RATE_HZ", "FINE_SHAPE", "N_BANDS", "fine_frames", "fine_values"]

FINE_RATE_HZ = 22_050.0 / 220.0  # frames per second, one in 10 ms
N_BANDS = 24
_N_FRAMES = 368
FINE_SHAPE = (N_BANDS + 2, _N_FRAMES)
_MEL = MelConfig(n_fft=512, hop_samples=220, n_mels=N_BANDS, n_frames=_N_FRAMES)

_C4_HZ = 261.626
_OCTAVES = 2.0  # each way from C4; a pitch beyond is heard as the end of the range
_DECIMATION = 2
_WINDOW = 512  # samples at half the rate, 46 ms
_LOWEST_HZ, _HIGHEST_HZ = 62.0, 1_100.0
_NEARLY = 0.9  # of the strongest peak: the first such peak is the pitch, not an octave below it
_TINY = 1e-9
_LOUDEST = 4.0  # natural logarithm of mel power; levelled sounds stay below
_LOW = np.array([np.log(_MEL.floor)] * N_BANDS + [-_OCTAVES, 0.0], np.float32)[:, None]
_HIGH = np.array([_LOUDEST] * N_BANDS + [_OCTAVES, 1.0], np.float32)[:, None]


def fine_frames(audio: np.ndarray) -> np.ndarray:
    """Return the fine frames of a sound.

    Args:
        audio: Mono and levelled, `(n_samples,)` at 22,050 Hz; longer than 3.7 s is cut, shorter is
            padded with silence.

    Returns:
        Bytes `(26, 368)`, whose values `fine_values` returns: the natural logarithm of the mel power in 24
        bands, in steps of 0.26 dB; the pitch in octaves from C4, in steps of 19 cents; and how periodic the
        sound is, 0 to 1. Where it is not periodic the pitch means nothing. Silence is all zeros.
    """
    pitch, periodicity = _pitch(audio)
    values = np.concatenate([log_mel(audio, _MEL), pitch[None], periodicity[None]])
    return np.rint(np.clip((values - _LOW) / (_HIGH - _LOW), 0.0, 1.0) * 255.0).astype(np.uint8)


def fine_values(fine: np.ndarray) -> np.ndarray:
    """Return what bytes `(..., 26, 368)` of `fine_frames` stand for, float32 of the same shape."""
    return (_LOW + fine.astype(np.float32) / np.float32(255.0) * (_HIGH - _LOW)).astype(np.float32)


def _pitch(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return octaves from C4 and periodicity, each float32 `(368,)`, by the normalized square difference.

    References:
        McLeod and Wyvill, "A smarter way to find pitch", ICMC 2005.
    """
    rate, hop = _MEL.sample_rate / _DECIMATION, _MEL.hop_samples // _DECIMATION
    needed = (_N_FRAMES - 1) * hop + 2 * _WINDOW
    half = scipy.signal.decimate(np.asarray(audio, np.float32), _DECIMATION, ftype="fir")
    half = np.asarray(half, np.float32)[: needed - _WINDOW]
    # Each frame is centred on its moment, as the mel's are.
    half = np.pad(half, (_WINDOW, needed - _WINDOW - len(half)))
    frames = np.lib.stride_tricks.sliding_window_view(half, 2 * _WINDOW)[::hop]
    size = scipy.fft.next_fast_len(3 * _WINDOW, real=True)
    spectrum = np.conj(scipy.fft.rfft(frames[:, :_WINDOW], size)) * scipy.fft.rfft(frames, size)
    products = scipy.fft.irfft(spectrum, size)[:, :_WINDOW]
    energy = np.cumsum(np.pad(frames.astype(np.float64) ** 2, ((0, 0), (1, 0))), axis=1)
    windows = energy[:, _WINDOW : 2 * _WINDOW] - energy[:, :_WINDOW]
    likeness = 2.0 * products / (windows + windows[:, :1] + _TINY)
    first, last = int(rate / _HIGHEST_HZ), int(rate / _LOWEST_HZ) + 1
    seen = likeness[:, first:last]
    strongest = seen.max(1)
    middle = seen[:, 1:-1]
    peaks = (middle >= seen[:, :-2]) & (middle >= seen[:, 2:]) & (middle >= _NEARLY * strongest[:, None])
    rows = np.arange(len(seen))
    at = np.where(peaks.any(1), peaks.argmax(1) + 1, np.clip(seen.argmax(1), 1, seen.shape[1] - 2))
    before, peak, after = seen[rows, at - 1], seen[rows, at], seen[rows, at + 1]
    bend = before - 2.0 * peak + after
    shift = np.where(bend < -_TINY, 0.5 * (before - after) / np.where(bend < -_TINY, bend, 1.0), 0.0)
    lag = first + at + np.clip(shift, -0.5, 0.5)
    octaves = np.clip(np.log2(rate / lag / _C4_HZ), -_OCTAVES, _OCTAVES)
    octaves = np.where(strongest > 0.0, octaves, -_OCTAVES)
    return octaves.astype(np.float32), np.clip(strongest, 0.0, 1.0).astype(np.float32)
