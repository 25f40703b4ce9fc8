// Words searched for are not remembered: Sphinx's highlighter would keep them in the browser.
const SPHINX_HIGHLIGHT_ENABLED = false;
document.getElementById("q").value = new URLSearchParams(location.search).get("q") || "";
