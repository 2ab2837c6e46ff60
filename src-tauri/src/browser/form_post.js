// Runs in the page before any script of its own. A form that is posted to the redirect URI becomes an address
// there with the fields behind a mark: the window sees the address, and no request leaves.
(() => {
  const ours = __OURS__;
  const mark = __MARK__;
  const prototype = HTMLFormElement.prototype;
  // By the prototype: a form may have fields of these names.
  const read = (name) => Object.getOwnPropertyDescriptor(prototype, name).get;
  const actionOf = read('action');
  const methodOf = read('method');
  const submit = prototype.submit;
  const assign = location.assign.bind(location);

  /** Whether the form was carried over. */
  const carry = (form, submitter) => {
    if (!(form instanceof HTMLFormElement)) return false;
    const own = (name) => submitter !== null && submitter.hasAttribute(name);
    const method = own('formmethod') ? submitter.formMethod : methodOf.call(form);
    const action = (own('formaction') ? submitter.formAction : actionOf.call(form)).split('#')[0];
    if (method !== 'post' || !ours.includes(action.split('?')[0])) return false;
    const fields = new URLSearchParams(new FormData(form, submitter));
    assign(`${action}#${mark}&${fields}`);
    return true;
  };

  addEventListener(
    'submit',
    (event) => {
      if (!carry(event.target, event.submitter)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  // `form.submit()` fires no event.
  prototype.submit = function () {
    if (!carry(this, null)) submit.call(this);
  };
})();
