// The seconds in which what was done can be taken back. The server keeps the time; this only shows it.

class Undo extends HTMLElement {
  connectedCallback() {
    if (this.until) return;
    this.until = performance.now() + this.dataset.seconds * 1000;
    this.say = this.querySelector('[data-say]');
    this.ring = this.querySelector('.undo-left');
    // A screen reader says it once, not every second.
    this.querySelector('[role=status]').removeAttribute('role');
    this.timer = setInterval(() => this.tick(), 250);
    this.tick();
  }

  disconnectedCallback() { clearInterval(this.timer); }

  tick() {
    const left = Math.max(0, Math.ceil((this.until - performance.now()) / 1000));
    if (left === this.left) return;
    this.left = left;
    this.ring.setAttribute('stroke-dashoffset', this.dataset.all - left);
    if (left) { this.say.textContent = `Nothing is sent yet. ${left} s left to undo.`; return; }
    clearInterval(this.timer);
    this.classList.add('is-over');
    this.querySelector('form').hidden = true;
    this.say.setAttribute('role', 'status');
    this.say.textContent = this.dataset.after;
    setTimeout(() => this.remove(), 6000);
  }
}

customElements.define('leeway-undo', Undo);
