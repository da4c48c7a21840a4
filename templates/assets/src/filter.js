// An input with data-filter="id" hides what does not match among the rows of
// the table or list with that id. Sending the form asks the server for all.
document.addEventListener("input", ({ target }) => {
  const list = document.getElementById(target.dataset.filter);
  if (!list) return;
  const words = target.value.toLowerCase().split(/\s+/);
  for (const row of (list.tBodies?.[0] ?? list).children) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
});
