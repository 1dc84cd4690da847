"""What a page fetches: the preset map, notes, and sounds with their pictures."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
from fastapi import FastAPI, Request, Response

from core.errors import BridgeError
from panel.sound.notes import SAMPLE_RATE, to_wav
from panel.sound.spectrogram import spectrogram
from panel.state.panel_state import PanelState

__all__ = ["add_routes"]

_LONGEST_NAME = 64  # characters, as of a preset
_FROM_VITAL = "From Vital"  # the kind of people's own presets; static/map/presets.js knows it
_FRESH = {"cache-control": "no-store"}


def add_routes(app: FastAPI, state: PanelState) -> None:
    """Add the routes to the application, under `/panel/`."""

    @app.get("/panel/presets.json")
    async def presets() -> Response:
        import orjson  # NiceGUI brings it: ten thousand presets in 2 ms

        columns, own = state.model.preset_columns(), state.library.columns()
        columns["kinds"] += [_FROM_VITAL] * len(own["names"])
        data = orjson.dumps({key: [*column, *own.get(key, [])] for key, column in columns.items()})
        return Response(data, media_type="application/json", headers=_FRESH)

    @app.get("/panel/note.wav")
    async def note(note: int = 60) -> Response:
        return await _played(lambda: state.sounds.note(note))

    @app.get("/panel/preset.wav")
    async def preset(name: str) -> Response:
        return await _played(lambda: state.sounds.preset_note(name))

    @app.get("/panel/preset-file")
    async def preset_file(name: str) -> Response:
        mirror = state.mirror
        try:
            data = await asyncio.to_thread(
                state.model.preset_file, mirror.patch, name[:_LONGEST_NAME], mirror.gestures.played
            )
        except BridgeError as error:
            return _sorry(str(error))
        return Response(data, media_type="application/octet-stream", headers=_FRESH)

    @app.post("/panel/vital")
    async def vital(request: Request, name: str = "") -> Response:
        try:
            await state.library.take(name, await request.body())
        except BridgeError as error:
            state.notify(str(error), wrong=True)
            return _sorry(str(error))
        return Response(status_code=204, headers=_FRESH)

    @app.post("/panel/sketch")
    async def sketch(request: Request) -> Response:
        try:
            await state.sketch.upload(await request.body())
        except BridgeError as error:
            state.notify(str(error), wrong=True)
            return _sorry(str(error))
        return Response(status_code=204, headers=_FRESH)

    @app.get("/panel/target.wav")
    async def target() -> Response:
        sound = state.sketch.sound
        if sound is None:
            return _sorry("There is no sketch yet.")
        wav = await asyncio.to_thread(to_wav, sound.audio, sound.sample_rate)
        return Response(wav, media_type="audio/wav", headers=_FRESH)

    @app.get("/panel/target.picture")
    async def target_picture() -> Response:
        sound = state.sketch.sound
        if sound is None:
            return Response(status_code=204, headers=_FRESH)
        return await _pictured(sound.audio, sound.sample_rate)

    @app.get("/panel/answer.picture")
    async def answer_picture(note: int = 60) -> Response:
        try:
            audio = await state.sounds.note(note)
        except BridgeError as error:
            return _sorry(str(error))
        return await _pictured(audio.mean(axis=1), SAMPLE_RATE)


async def _played(play: Callable[[], Awaitable[np.ndarray]]) -> Response:
    try:
        audio = await play()
    except BridgeError as error:
        return _sorry(str(error))
    wav = await asyncio.to_thread(to_wav, audio)
    return Response(wav, media_type="audio/wav", headers=_FRESH)


async def _pictured(audio: np.ndarray, sample_rate: int) -> Response:
    width, height, data = await asyncio.to_thread(spectrogram, audio, sample_rate)
    headers = {**_FRESH, "x-width": str(width), "x-height": str(height)}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _sorry(text: str) -> Response:
    return Response(text, status_code=409, media_type="text/plain", headers=_FRESH)
