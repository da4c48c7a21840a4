// A .copy button copies the code it stands with.
document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  const code = button.closest(".copyable").querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // Without a secure context there is no clipboard: select it instead.
    getSelection().selectAllChildren(code);
    return;
  }
  button.dataset.done = "";
  document.getElementById("said").textContent = button.lastElementChild.textContent;
  setTimeout(() => {
    delete button.dataset.done;
    document.getElementById("said").textContent = "";
  }, 2000);
});
