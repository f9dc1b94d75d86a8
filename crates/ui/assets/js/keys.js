// Keys: `g` and a letter goes to a page, `j` and `k` go down and up a list, `?` lists them; `data-key` gives any link, button or field its own.

const isTyping = target => target.closest?.('input:not([type=radio],[type=checkbox]), textarea, select');
let first = '';
let waits;

function act(element) {
  if (element.matches('input, select, textarea, [data-give]')) { element.focus(); element.select?.(); } else element.click();
}

addEventListener('keydown', event => {
  if (event.key === 'Escape' && isTyping(event.target) && event.target.type === 'search') return event.target.blur();
  if (document.body.dataset.keys === 'off' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
  const keys = first ? `${first} ${event.key}` : event.key;
  clearTimeout(waits);
  first = '';
  if (keys === 'g') {
    first = 'g';
    waits = setTimeout(() => { first = ''; }, 1500);
    return;
  }
  const way = { j: 1, k: -1 }[keys];
  if (way) {
    const rows = [...document.querySelectorAll('.main :is(tr.is-link th, .rows > li) > a')];
    return rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(document.activeElement) + way))]?.focus();
  }
  const found = document.querySelector(keys === '?' ? '[data-opens=keys]' : `[data-key="${CSS.escape(keys)}"]`);
  if (!found) return;
  event.preventDefault();
  act(found);
});
