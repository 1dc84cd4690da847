// Names that the server accepts for a preset or a model. For fsl_presets and fsl_models to require.
"use strict";

var LONGEST = 64;

// What is wrong with a name, or an empty text. The server checks as well; this gives the reason before anything is sent.
function fault(name) {
  if (!name) return "type a name first";
  if (name.length > LONGEST) return "a name can have at most " + LONGEST + " characters";
  if (/[\/\\:\x00-\x1f]/.test(name) || name.charAt(0) === ".") return "a name cannot contain / \\ or : or begin with a dot";
  return "";
}

// The words of a text field are one name.
function joined(words) {
  return words.join(" ").replace(/^\s+|\s+$/g, "");
}

exports.fault = fault;
exports.joined = joined;
