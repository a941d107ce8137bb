// Suggestions while somebody writes in a form of the desk. Without this script every field works as well.
"use strict";
for (const field of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("datalist");
  list.id = `suggested-${field.id}`;
  field.after(list);
  field.setAttribute("list", list.id);
  let waiting = 0;
  let asked = "";
  const ask = async () => {
    const written = field.value.trim();
    if (written === asked) return;
    asked = written;
    try {
      const address = `/api/suggest/${field.dataset.suggest}?q=${encodeURIComponent(written)}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "omit" });
      if (!answer.ok || written !== asked) return;
      const { suggestions } = await answer.json();
      list.replaceChildren(...suggestions.map(({ value, label }) => new Option(label, value)));
    } catch {
      // The field is a field all the same.
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 150);
  });
  field.addEventListener("focus", ask, { once: true });
}
