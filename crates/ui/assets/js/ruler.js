// The authority ruler: binds the handle, the number field, the sentence and the button to one amount, in units of the measure.

class Ruler extends HTMLElement {
  connectedCallback() {
    if (this.field) return;
    this.field = this.querySelector('[data-amount]');
    if (!this.field) return;
    Object.assign(this, this.dataset);
    for (const name of ['minimum', 'end', 'step', 'places', 'groupFrom']) this[name] = +this[name];
    this.zones = [...this.querySelectorAll('[data-from]')].map(item => ({ ...item.dataset, item, from: +item.dataset.from, to: +(item.dataset.to ?? Infinity) }));
    this.ends = this.zones.map(zone => zone.to).filter(to => to <= this.end);
    this.say = this.querySelector('.ruler-say');
    for (const name of ['give', 'reason', 'aloud', 'scale', 'unit', 'jump', 'back']) this[name] = this.querySelector(`[data-${name}]`);
    if (this.scale) this.makeSlider();
    this.field.addEventListener('input', () => this.update());
    this.field.addEventListener('change', () => { if (this.amount >= 0) this.field.value = this.digits(this.amount); });
    this.addEventListener('click', event => {
      const button = event.target.closest('[data-step-by],[data-jump],[data-back]');
      if (!button) return;
      if (button.dataset.stepBy) return this.show(this.amount + button.dataset.stepBy * this.step);
      this.show(button.dataset.jump ? this.stop(button.dataset.jump - 1, 1) : this.first);
      (this.handle ?? this.field).focus();
    });
    this.field.addEventListener('keydown', event => {
      const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      this.show(this.stop(this.amount, way));
    });
    this.update();
    this.first = this.amount;
  }

  makeSlider() {
    const handle = this.handle = this.querySelector('[data-handle]');
    Object.assign(handle, { hidden: false, tabIndex: 0, role: 'slider', ariaLabel: handle.dataset.label, ariaValueMin: this.minimum, ariaValueMax: this.end });
    this.scale.classList.add('is-slider');
    handle.addEventListener('keydown', event => {
      const next = this.target(event);
      if (next === undefined) return;
      event.preventDefault();
      this.show(next);
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
    switch (key) {
      case 'ArrowRight': case 'ArrowUp': return shiftKey ? this.amount + this.step * 10 : this.stop(this.amount, 1);
      case 'ArrowLeft': case 'ArrowDown': return shiftKey ? this.amount - this.step * 10 : this.stop(this.amount, -1);
      case 'PageUp': return this.ends.find(end => end > this.amount) ?? this.end;
      case 'PageDown': return this.ends.findLast(end => end < this.amount) ?? this.minimum;
      case 'Home': return this.minimum;
      case 'End': return this.ends.at(-1) ?? this.end;
    }
  }

  // The next place to stop at: a whole step, or the end of a zone if that is nearer.
  stop(amount, way) {
    const step = this.step;
    if (way > 0) return Math.min(Math.floor(amount / step) * step + step, ...this.ends.filter(end => end > amount));
    return Math.max(Math.ceil(amount / step) * step - step, ...this.ends.filter(end => end < amount));
  }

  drag(event) {
    const { left, width } = this.scale.getBoundingClientRect();
    const raw = (event.clientX - left) / width * this.end;
    const near = this.ends.find(end => Math.abs(end - raw) / this.end * width < 7);
    this.show(near ?? Math.round(raw / this.step) * this.step);
  }

  show(amount) {
    this.field.value = this.digits(Math.max(this.minimum, Math.min(this.end, amount)));
    this.update();
  }

  update() {
    // What cannot be read is less than any amount.
    const amount = this.amount = this.read();
    const low = amount < this.minimum;
    const said = low ? this.minimum : amount;
    const text = this.text(said);
    const zone = this.zones.find(zone => zone.from <= said && said <= zone.to) ?? this.zones.at(-1);
    this.field.size = Math.max(2, this.field.value.length);
    if (this.unit) this.unit.textContent = amount === 1 ? this.one : this.many;
    if (this.handle) {
      this.handle.style.left = `${Math.min(100, Math.max(0, amount / this.end * 100))}%`;
      this.handle.ariaValueNow = Math.min(said, this.end);
      this.handle.ariaValueText = zone ? `${text}, ${zone.label}` : text;
    }
    if (!zone) return;
    for (const { item } of this.zones) item.ariaCurrent = item === zone.item ? 'true' : null;
    const [start, ...rest] = (low ? this.field.title : zone.sentence).split('{amount}');
    this.say.replaceChildren(start, ...rest.flatMap(part => [Object.assign(document.createElement('b'), { textContent: text }), part]));
    this.give.textContent = low ? zone.button.replace(/( for)? {amount}/, '') : zone.button.replace('{amount}', text);
    this.give.hidden = !zone.button;
    this.give.disabled = low || !zone.button || zone.open !== 'true';
    if (this.jump) this.jump.hidden = amount >= +this.jump.dataset.jump;
    if (this.back) this.back.hidden = !this.jump.hidden;
    const refused = document.getElementById('no-amount');
    if (refused && this.zone && !low && refused.value === refused.defaultValue) refused.value = refused.defaultValue = this.field.value;
    if (this.reason) {
      this.reason.toggleAttribute('data-shown', !!zone.prompt);
      const box = this.reason.querySelector('textarea');
      box.required = !!zone.prompt && zone.must === 'true';
      if (zone.prompt) this.reason.querySelector('label').textContent = zone.prompt;
    }
    if (this.zone && this.zone !== zone) this.aloud.textContent = zone.sentence.replace('{amount}', text);
    this.zone = zone;
  }

  // The pattern of the field says what is an amount; as on the server, a last point or comma is the decimal sign if no more digits follow it than there are places.
  read() {
    if (!this.field.validity.valid) return -1;
    const [, whole, part = ''] = this.field.value.replace(/[^\d.,]/g, '').match(`^(.*?)(?:[.,](\\d{0,${this.places}}))?$`);
    return Number(whole.replace(/\D/g, '') + part.padEnd(this.places, '0'));
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
