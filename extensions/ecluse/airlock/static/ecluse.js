// A link that shows a finding in a frame brings the frame into sight, too: a frame of another origin, as sandboxed
// ones are, can't scroll the page around it. Everything works without this script.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[target^='preview-']");
  if (link) document.getElementsByName(link.target)[0]?.scrollIntoView({ block: "nearest" });
});
