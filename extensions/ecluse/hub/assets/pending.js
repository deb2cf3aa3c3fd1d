"use strict";
const bar = document.getElementById("progress");
const told = document.getElementById("told");
const source = new EventSource(document.body.dataset.progress);
source.onmessage = (message) => {
  const event = JSON.parse(message.data);
  if (event.progress !== undefined) { bar.value = event.progress; }
  if (event.message) { told.textContent = event.message; }
  if (event.ready || event.failed) { source.close(); window.location.reload(); }
};
