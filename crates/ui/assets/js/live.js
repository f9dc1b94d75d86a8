// What is shown here changed elsewhere: the page asks again, and takes each part that differs, unless somebody is at work in it.

const state = document.getElementById('live');
const parts = () => document.querySelectorAll('[data-live-part]');
const items = of => [...of.querySelectorAll('li, .fact, .notice')];
// Without what always differs.
const bare = part => {
  const copy = part.cloneNode(true);
  copy.querySelectorAll('input[type=hidden], time, [data-age]').forEach(one => one.remove());
  return copy;
};
const words = item => bare(item).textContent;
const say = text => { if (state.textContent !== text) state.textContent = text; };
let fresh, source, timer, pointer, isBehind, isGap, wanted = 0, fails = 0;

function isTyped(field) {
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex(one => one.defaultSelected));
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

function isBusy(part) {
  const chosen = getSelection();
  // A finger that has left still hovers.
  const hovered = matchMedia('(hover: hover)').matches ? ', button:hover' : '';
  return part.matches(`:active, :focus-within, :has([open]${hovered})`) || !chosen.isCollapsed && chosen.containsNode(part, true)
    || [...part.querySelectorAll('input, select, textarea')].some(isTyped);
}

function replace(part, next) {
  const before = items(part).map(words);
  const changed = items(next).filter(item => !before.includes(words(item)));
  if ('liveAdds' in part.dataset) part.append(...changed);
  else part.replaceWith(next);
  part.known = next.known;
  for (const item of changed.length ? changed : [next]) item.classList.add('is-changed');
}

function take() {
  // What is under the pointer stays there.
  const at = pointer && document.elementFromPoint(pointer.x, pointer.y), held = at?.closest('li, .fact') ?? at;
  const top = held?.getBoundingClientRect().top, said = held && words(held);
  isBehind = false;
  for (const part of parts()) {
    const next = fresh.querySelector(`[data-live-part=${part.dataset.livePart}]`);
    if (!next) continue;
    next.known = bare(next).outerHTML;
    // One that a request of its own has brought is as it was made.
    part.known ??= bare(part).outerHTML;
    if (next.known === part.known) continue;
    if (isBusy(part)) isBehind = true; else replace(part, next);
  }
  const same = held?.isConnected ? held : items(document).find(item => words(item) === said);
  if (same) scrollBy(0, same.getBoundingClientRect().top - top);
  say(isBehind ? 'Changed meanwhile' : '');
}

async function ask() {
  if (wanted++) return;
  do {
    wanted = 1;
    try {
      const answer = await fetch(location.href, { headers: { 'Leeway-Live': 'yes' } });
      if (!answer.ok) throw answer.status;
      fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      take();
    } catch (e) { if (e < 500) end(); else lost(); }
  } while (wanted > 1);
  wanted = 0;
}

function listen() {
  if (source || document.hidden || !state.dataset.from) return;
  source = new EventSource(`${state.dataset.from}&age=${isGap ? 0 : performance.now().toFixed()}`);
  source.onopen = () => { fails = 0; if (isGap) ask(); isGap = false; };
  source.onmessage = ask;
  source.addEventListener('over', end);
  source.onerror = lost;
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = undefined;
  isGap = true;
}

function lost() {
  close();
  say('Not live, trying again');
  timer = setTimeout(listen, Math.min(30, 2 ** fails++) * (500 + 1e3 * Math.random()));
}

// Signed out.
function end() {
  close();
  state.dataset.from = '';
  say('Not live, reload');
}

if (state) {
  // Before scripts change it.
  for (const part of parts()) part.known = bare(part).outerHTML;
  listen();
  setInterval(() => isBehind && take(), 500);
  document.onvisibilitychange = () => (document.hidden ? close() : listen());
  onpointermove = event => { pointer = event; };
}
