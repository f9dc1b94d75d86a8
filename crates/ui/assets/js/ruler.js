// The authority ruler: binds the handle, the number field, the sentence and the button to one amount, in units of the measure.

class Ruler extends HTMLElement {
  connectedCallback() {
    if (this.field) return;
    this.field = this.querySelector('[data-amount]');
    if (!this.field) return;
    const { minimum, end, step, places, decimal, group, groupFrom, before, behind, one, many } = this.dataset;
    Object.assign(this, { minimum: +minimum, end: +end, step: +step, places: +places, decimal, group, groupFrom: +groupFrom, before, behind, one, many });
    this.zones = [...this.querySelectorAll('[data-from]')].map(item => ({
      item, from: +item.dataset.from, to: item.dataset.to ? +item.dataset.to : Infinity, ...item.dataset, open: item.dataset.open === 'true', must: item.dataset.must === 'true',
    }));
    this.ends = this.zones.filter(zone => zone.to < Infinity).map(zone => Math.min(zone.item.dataset.to, this.end));
    this.say = this.querySelector('.ruler-say');
    this.give = this.querySelector('[data-give]');
    this.reason = this.querySelector('[data-reason]');
    this.aloud = this.querySelector('[data-aloud]');
    this.scale = this.querySelector('[data-scale]');
    if (this.scale) this.makeSlider();
    this.field.addEventListener('input', () => this.typed());
    this.field.addEventListener('change', () => { if (this.amount >= this.minimum) this.write(); });
    this.addEventListener('click', event => {
      const button = event.target.closest('[data-step-by],[data-jump]');
      if (!button) return;
      if (button.dataset.stepBy) this.show(this.clamp(this.amount + button.dataset.stepBy * this.step));
      else { this.show(this.stop(+button.dataset.jump - 1, 1)); (this.handle ?? this.field).focus(); }
    });
    if (!this.scale) this.field.addEventListener('keydown', event => {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (by) { event.preventDefault(); this.show(this.clamp(this.amount + by * this.step)); }
    });
    this.amount = this.read() ?? this.minimum;
    this.show(this.amount, false);
  }

  makeSlider() {
    const handle = this.handle = this.querySelector('[data-handle]');
    const say = { role: 'slider', tabindex: '0', 'aria-label': handle.dataset.label, 'aria-valuemin': this.minimum, 'aria-valuemax': this.end };
    for (const [name, value] of Object.entries(say)) handle.setAttribute(name, value);
    handle.hidden = false;
    this.scale.classList.add('is-slider');
    handle.addEventListener('keydown', event => {
      const next = this.target(event);
      if (next === undefined) return;
      event.preventDefault();
      this.show(this.clamp(next));
    });
    this.scale.addEventListener('pointerdown', event => {
      if (event.button) return;
      event.preventDefault();
      handle.focus();
      this.scale.setPointerCapture(event.pointerId);
      this.drag(event);
    });
    this.scale.addEventListener('pointermove', event => { if (this.scale.hasPointerCapture(event.pointerId)) this.drag(event); });
  }

  target({ key, shiftKey }) {
    const last = this.ends.length ? Math.max(...this.ends) : this.end;
    switch (key) {
      case 'ArrowRight': case 'ArrowUp': return shiftKey ? this.amount + this.step * 10 : this.stop(this.amount, 1);
      case 'ArrowLeft': case 'ArrowDown': return shiftKey ? this.amount - this.step * 10 : this.stop(this.amount, -1);
      case 'PageUp': return this.ends.find(end => end > this.amount) ?? this.end;
      case 'PageDown': return this.ends.findLast(end => end < this.amount) ?? this.minimum;
      case 'Home': return this.minimum;
      case 'End': return last;
    }
  }

  // The next place to stop at: a whole step, or the end of a zone if that is nearer.
  stop(amount, way) {
    const step = this.step;
    const whole = way > 0 ? Math.floor(amount / step) * step + step : Math.ceil(amount / step) * step - step;
    const ends = this.ends.filter(end => way > 0 ? end > amount && end < whole : end < amount && end > whole);
    return way > 0 ? Math.min(whole, ...ends) : Math.max(whole, ...ends);
  }

  drag(event) {
    const { left, width } = this.scale.getBoundingClientRect();
    const raw = (event.clientX - left) / width * this.end;
    const near = this.ends.find(end => Math.abs(end - raw) / this.end * width < 7);
    this.show(this.clamp(near ?? Math.round(raw / this.step) * this.step));
  }

  typed() {
    const amount = this.read();
    if (amount !== undefined) { this.amount = amount; this.update(); }
  }

  show(amount, write = true) {
    this.amount = amount;
    if (write) this.write();
    this.update();
  }

  write() { this.field.value = this.digits(this.amount); }

  update() {
    const { amount } = this;
    const text = this.text(amount);
    const zone = this.zones.find(zone => zone.from <= amount && amount <= zone.to) ?? this.zones.at(-1);
    this.field.size = Math.max(2, this.field.value.length);
    const unit = this.querySelector('[data-unit]');
    if (unit) unit.textContent = amount === 1 ? this.one : this.many;
    if (this.handle) {
      this.handle.style.left = `${Math.min(100, Math.max(0, amount / this.end * 100))}%`;
      this.handle.setAttribute('aria-valuenow', Math.min(amount, this.end));
      this.handle.setAttribute('aria-valuetext', zone ? `${text}, ${zone.label}` : text);
    }
    if (!zone) return;
    for (const { item } of this.zones) item.toggleAttribute('aria-current', item === zone.item);
    zone.item.setAttribute('aria-current', 'true');
    const low = amount < this.minimum;
    const [start, ...rest] = (low ? `The least you can give is ${this.text(this.minimum)}.` : zone.sentence).split('{amount}');
    this.say.replaceChildren(start, ...rest.flatMap(part => [Object.assign(document.createElement('b'), { textContent: text }), part]));
    this.give.textContent = zone.button.replace('{amount}', text);
    this.give.disabled = low || !zone.open;
    const jump = this.querySelector('[data-jump]');
    if (jump) jump.hidden = amount >= +jump.dataset.jump;
    if (this.reason) {
      this.reason.toggleAttribute('data-shown', !!zone.prompt);
      const box = this.reason.querySelector('textarea');
      box.required = !!zone.prompt && zone.must;
      if (zone.prompt) this.reason.querySelector('label').textContent = zone.prompt;
    }
    if (this.zone && this.zone !== zone) this.aloud.textContent = zone.sentence.replace('{amount}', text);
    this.zone = zone;
  }

  clamp(amount) { return Math.max(this.minimum, Math.min(this.end, Math.round(amount))); }

  // The same rule as on the server: the last point or comma is the decimal sign if no more digits follow it than there are places.
  read() {
    const text = this.field.value.replace(/[^\d.,]/g, '');
    const at = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
    const after = at < 0 ? 0 : text.length - at - 1;
    if (at >= 0 && after > this.places && after !== 3) return undefined;
    const cut = at >= 0 && after <= this.places;
    const whole = (cut ? text.slice(0, at) : text).replace(/\D/g, '');
    const part = cut ? text.slice(at + 1) : '';
    return whole + part === '' ? undefined : Number(whole + part.padEnd(this.places, '0'));
  }

  digits(units) {
    const short = this.before === '' && this.behind.includes('%') && units % 100 === 0;
    const places = short ? 0 : this.places;
    const text = String(short ? units / 100 : units).padStart(places + 1, '0');
    const whole = text.slice(0, text.length - places);
    const grouped = whole.length < this.groupFrom ? whole : whole.replace(/\B(?=(\d{3})+$)/g, this.group);
    return places ? grouped + this.decimal + text.slice(-places) : grouped;
  }

  text(units) {
    if (this.many) return `${this.digits(units)}\u00a0${units === 1 ? this.one : this.many}`;
    return this.before + this.digits(units) + this.behind;
  }
}

customElements.define('leeway-ruler', Ruler);
