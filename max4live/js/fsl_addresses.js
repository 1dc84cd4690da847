// Made by `python -m max4live.js.generate` from server/osc/addresses.py; a test holds the two together.
"use strict";

exports.PROTOCOL = 1;

exports.TO_SERVER = {
  "hello": "/flow/hello",
  "ping": "/flow/ping",
  "bye": "/flow/bye",
  "names": "/flow/names",
  "macro": "/flow/macro",
  "macros": "/flow/macros",
  "latent": "/flow/latent",
  "patch": "/flow/patch",
  "vary": "/flow/vary",
  "freeze": "/flow/freeze",
  "preset_load": "/flow/preset/load",
  "preset_save": "/flow/preset/save",
  "preset_export": "/flow/preset/export",
  "preset_patch": "/flow/preset/patch",
  "presets": "/flow/presets",
  "place": "/flow/place",
  "path_add": "/flow/path/add",
  "path_clear": "/flow/path/clear",
  "path_play": "/flow/path/play",
  "path_space": "/flow/path/space",
  "curves": "/flow/curves",
  "sketch_record": "/flow/sketch/record",
  "sketch_live": "/flow/sketch/live",
  "sketch_file": "/flow/sketch/file",
  "sketch_pick": "/flow/sketch/pick",
  "sketch_take": "/flow/sketch/take",
  "learn": "/flow/learn",
  "unlearn": "/flow/unlearn",
  "bindings": "/flow/bindings",
  "model": "/flow/model",
  "models": "/flow/models",
  "health": "/flow/health",
  "clients": "/flow/clients"
};
