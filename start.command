#!/bin/sh
# Start Flow Synth Live on a Mac: double-click this file. start.sh says what it does.
exec "$(dirname -- "$0")/start.sh" "$@"
