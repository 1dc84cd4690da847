"use strict";
// The socket of the sound. Text goes out as it is said; what the player is short of is asked for with four bytes, and comes
// back as 16-bit samples.
const RECONNECT_MS = 1000;
let address = "";
let socket = null;
let player = null;
let listening = false;

onmessage = ({ data }) => {
  if (data.address) {
    address = data.address;
    open();
  }
  if (data.say) {
    if (data.say.listen) {
      if (listening) return;
      listening = true;
    }
    say(data.say);
  }
  if (data.player !== undefined) {
    player = data.player;
    if (player === null) {
      listening = false;
      say({ listen: false });
    } else player.onmessage = (event) => ask(event.data);
  }
};

function open() {
  socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => listening && say({ listen: true });
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") postMessage(JSON.parse(data));
    else if (player) player.postMessage(data, [data]);
  };
  socket.onclose = () => setTimeout(open, RECONNECT_MS);
}
function say(message) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}
function ask(n) {
  if (!socket || socket.readyState !== WebSocket.OPEN) return;
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, n);
  socket.send(bytes.buffer);
}
