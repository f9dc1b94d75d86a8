// What a page does better with a script; without one, each form still posts and each link still leads somewhere.

addEventListener('click', event => {
  const opener = event.target.closest('[data-opens]');
  if (opener) return document.getElementById(opener.dataset.opens)?.showModal();
  const copier = event.target.closest('[data-copies]');
  if (copier) return navigator.clipboard?.writeText(document.getElementById(copier.dataset.copies).textContent).then(() => { copier.textContent = 'Copied'; });
  const step = event.target.closest('[data-step][aria-controls]');
  if (step) {
    const field = document.getElementById(step.getAttribute('aria-controls'));
    if (step.dataset.step > 0) field.stepUp(); else field.stepDown();
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
});

// A choice marked so sends its form; a chosen file is read into the field it fills.
addEventListener('change', async ({ target }) => {
  if (target.closest('[data-sends]')) target.form?.requestSubmit();
  const field = document.getElementById(target.dataset.fills), file = target.files?.[0];
  if (field && file) field.value = await file.text();
});

// The browser's time zone.
document.querySelector('[data-zone] input')?.setAttribute('value', Intl.DateTimeFormat().resolvedOptions().timeZone);

// `data-confirm` names the dialog that asks first.
addEventListener('submit', event => {
  const form = event.target;
  const dialog = form.dataset.confirm && document.getElementById(form.dataset.confirm);
  if (dialog && !form.confirmed) {
    event.preventDefault();
    dialog.returnValue = '';
    dialog.addEventListener('close', () => {
      if (dialog.returnValue !== 'yes') return;
      form.confirmed = true;
      form.requestSubmit(event.submitter);
    }, { once: true });
    return dialog.showModal();
  }
  // Twice is not sent.
  if (form.method === 'post') {
    if (form.ariaBusy === 'true') return event.preventDefault();
    form.ariaBusy = 'true';
  }
});

// A page from the browser's memory is not busy, nor a form whose answer is there.
const idle = () => document.querySelectorAll('form[aria-busy]').forEach(form => { form.ariaBusy = null; form.confirmed = false; });
addEventListener('pageshow', idle);
addEventListener('htmx:finally:request', idle);

// What had the focus is gone: one goes on at what is marked so.
addEventListener('htmx:after:swap', () => {
  if (document.activeElement === document.body) document.querySelector('[data-focus]')?.focus();
});

// What is wrong is where one goes on.
document.querySelector('[aria-invalid=true]')?.focus();
