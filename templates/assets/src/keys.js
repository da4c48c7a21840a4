// "/" goes to the page's own filter, else to the search in the bar.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const fields = ["main", ".bar-search"].map((place) => document.querySelector(place + " input[type=search]"));
  const field = fields.find((field) => field?.checkVisibility());
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
