"""What clients send about models, and about the player's own presets, which become some."""

from server.osc.table.row import query
from server.osc.table.to_server_vocabulary import NAME

__all__ = ["MODELS"]

MODELS = (
    query(
        "/flow/model",
        (NAME,),
        "Have the instrument played by another model, by name, never by path. The sound stays if the "
        "parameters are the same; frozen macros, the path and undo are reset. The clients of the instrument "
        "are sent a new welcome, and others keep their models. The server remembers it for the instrument.",
        "welcome model params macros latent place status",
        needs="stop",
    ),
    query(
        "/flow/models",
        (),
        "Ask for the names of the models, and which plays the instrument; one message each.",
        "model",
    ),
    query(
        "/flow/own",
        (NAME,),
        "Have the instrument play a preset of the player's own, by its name in the list of `/flow/owns`, "
        "never by path. It plays as Vital plays it as soon as it is read; its macros come within a minute or "
        "so, while the sound stays as it is. Both are kept as a model, which `/flow/models` lists.",
        "own/progress welcome model params macros latent place status",
        needs="stop",
    ),
    query(
        "/flow/path/own",
        (NAME,),
        "Lead the path to a preset of the player's own, from the one that the instrument plays; an empty "
        "path begins with the current point. What cannot move on the way, such as wavetables and wiring, has "
        "to be the same; if it is not, it is said, and which preset that sounds alike would do.",
        "path path/point status",
    ),
    query(
        "/flow/owns",
        (),
        "Ask for the player's own presets, in the folders of `--presets` and in Vital's own, one message "
        "each.",
        "own/file status",
    ),
)
