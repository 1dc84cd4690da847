// Written by `python -m max4live.generate_scripts`: edit the tables that it reads, not this file.
"use strict";

exports.PROTOCOL = 2;

exports.TO_SERVER = {
  "bye": "/flow/bye",
  "curves": "/flow/curves",
  "focus": "/flow/focus",
  "health": "/flow/health",
  "hello": "/flow/hello",
  "instruments": "/flow/instruments",
  "kinds": "/flow/kinds",
  "latent": "/flow/latent",
  "macro": "/flow/macro",
  "macro_choose": "/flow/macro/choose",
  "macro_name": "/flow/macro/name",
  "macro_vocabulary": "/flow/macro/vocabulary",
  "model": "/flow/model",
  "models": "/flow/models",
  "names": "/flow/names",
  "own_add": "/flow/own/add",
  "own_clear": "/flow/own/clear",
  "own_delete": "/flow/own/delete",
  "own_make": "/flow/own/make",
  "patch": "/flow/patch",
  "path_add": "/flow/path/add",
  "path_clear": "/flow/path/clear",
  "path_play": "/flow/path/play",
  "path_space": "/flow/path/space",
  "ping": "/flow/ping",
  "place": "/flow/place",
  "preset_export": "/flow/preset/export",
  "preset_load": "/flow/preset/load",
  "preset_save": "/flow/preset/save",
  "presets": "/flow/presets",
  "say": "/flow/say",
  "sketch_file": "/flow/sketch/file",
  "sketch_live": "/flow/sketch/live",
  "sketch_microphone": "/flow/sketch/microphone",
  "sketch_microphones": "/flow/sketch/microphones",
  "sketch_pick": "/flow/sketch/pick",
  "sketch_record": "/flow/sketch/record"
};
