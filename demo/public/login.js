// One click fills the form with a demo person.
const form = /** @type {HTMLFormElement} */ (document.querySelector('#login'));

for (const offer of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.offer button'))) {
  offer.addEventListener('click', () => {
    fill('email', offer.dataset.email);
    fill('password', offer.dataset.password);
    form.querySelector('button')?.focus();
  });
}

/**
 * @param {string} name
 * @param {string | undefined} value
 */
function fill(name, value = '') {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  field.value = value;
  field.removeAttribute('aria-invalid');
}

// The reason was for this visit: a reload, or a page kept open over night, should not tell it again.
const here = new URL(location.href);
if (here.searchParams.has('reason')) {
  here.searchParams.delete('reason');
  history.replaceState(history.state, '', here.pathname + here.search);
}
