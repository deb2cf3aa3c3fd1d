// The screen, the way out of it by keyboard, and text to paste in. Nothing here is a boundary: the pane's server is.
import RFB from "../novnc/core/rfb.js";

const prefix = document.body.dataset.prefix;
const [screen, said, enter, paste, dialog, words] =
  ["screen", "said", "enter", "paste", "text", "words"].map((id) => document.getElementById(id));
const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${prefix}screen`;
const ENDS = {
  4002: "The screen was opened in another window. Reload this page to have it here.",
  4003: "You are signed out. Reload this page to sign in.",
  4004: "The session was ended: something was sent that is not let through.",
};

// noVNC compares the fractions of a pixel that zoomed pages have with the whole ones of a screen, and asks for ever.
class Viewer extends RFB {
  _screenSize() {
    const { w, h } = super._screenSize();
    return { w: Math.floor(w), h: Math.floor(h) };
  }
}

let rfb = null;

function connect() {
  const socket = new WebSocket(address);
  let end = 0;
  socket.addEventListener("close", (event) => { end = event.code; });
  rfb = new Viewer(screen, socket, { shared: true });
  rfb.resizeSession = true;
  rfb.scaleViewport = true;
  rfb.background = "#000";
  rfb.addEventListener("connect", () => {
    said.textContent = "";
    document.body.dataset.open = "";
    rfb.focus();
  });
  rfb.addEventListener("disconnect", () => {
    delete document.body.dataset.open;
    rfb = null;
    said.textContent = ENDS[end] || "The workspace is starting, or was stopped. Trying again …";
    if (!ENDS[end]) setTimeout(connect, 1000);
  });
}

// Before noVNC sees it: with F6 a keyboard alone leaves the screen, which takes every other key.
window.addEventListener("keydown", (event) => {
  if (event.key !== "F6") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (rfb && screen.contains(document.activeElement)) {
    rfb.blur();
    enter.focus();
  } else if (rfb) {
    rfb.focus();
  }
}, true);

enter.addEventListener("click", () => rfb && rfb.focus());
paste.addEventListener("click", () => { words.value = ""; dialog.showModal(); });
dialog.addEventListener("close", () => {
  if (dialog.returnValue === "send" && rfb) rfb.clipboardPasteFrom(words.value);
  if (rfb) rfb.focus();
});

connect();
