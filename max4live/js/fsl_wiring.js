// Written by `python -m max4live.generate_scripts`: edit the tables that it reads, not this file.
"use strict";

exports["vital"] = [
  ["Modulation 1 Bipolar", 0],
  ["Modulation 2 Bipolar", 1],
  ["Modulation 3 Bipolar", 0],
  ["Modulation 4 Bipolar", 0],
  ["Modulation 5 Bipolar", 1],
  ["Modulation 6 Bipolar", 0],
  ["Modulation 7 Bipolar", 1],
  ["Modulation 8 Bipolar", 1],
  ["Modulation 9 Bipolar", 0],
  ["Modulation 10 Bipolar", 0],
  ["Modulation 11 Bipolar", 1],
  ["Modulation 12 Bipolar", 0]
];
