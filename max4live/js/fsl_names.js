// Names that the server would take for a preset or a model. Read by fsl_presets and fsl_models through require.
"use strict";

var LONGEST = 64;

// What is wrong with a name, or an empty text. The server checks as well; here the reason is at hand before anything is sent.
function fault(name) {
  if (!name) return "type a name first";
  if (name.length > LONGEST) return "a name has at most " + LONGEST + " characters";
  if (/[\/\\:\x00-\x1f]/.test(name) || name.charAt(0) === ".") return "a name has no / \\ or : and does not begin with a dot";
  return "";
}

// The words of a text field are one name.
function joined(words) {
  return words.join(" ").replace(/^\s+|\s+$/g, "");
}

exports.fault = fault;
exports.joined = joined;
