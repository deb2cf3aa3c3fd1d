"use strict";
const status = document.getElementById("status");
const xsrf = document.body.dataset.xsrf;
async function stopped(url) {
  for (let i = 0; i < 120; i += 1) {
    const answer = await fetch(url, { credentials: "same-origin", headers: { "X-XSRFToken": xsrf } });
    if (answer.status !== 200) { return true; }
    const server = (await answer.json()).servers[url.split("/").pop()];
    if (!server || (!server.ready && !server.pending)) { return true; }
    await new Promise((go) => { setTimeout(go, 500); });
  }
  return false;
}
for (const button of document.querySelectorAll("button[data-stop]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = "Stopping the workspace of " + button.dataset.project + "…";
    const answer = await fetch(button.dataset.stop,
      { method: "DELETE", credentials: "same-origin", headers: { "X-XSRFToken": xsrf } });
    if (answer.status === 204 || answer.status === 404 || (answer.status === 202 && await stopped(button.dataset.user))) {
      window.location.reload();
    } else {
      button.disabled = false;
      status.textContent = "The workspace could not be stopped. Try again in a moment.";
    }
  });
}
