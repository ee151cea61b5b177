// Markup comes from the templates of index.html, text is set as text: no script builds HTML from a
// string.

export function fromTemplate(name) {
  const template = document.querySelector(`template[data-name="${name}"]`);
  return template.content.firstElementChild.cloneNode(true);
}

// Scripts and tests find the parts of a template by the same names.
export function part(root, name) {
  return root.querySelector(`[data-test="${name}"]`);
}

export function slot(root, name = "trouble") {
  return root.querySelector(`.${name}-slot`);
}

let ids = 0;

// An id for aria attributes to refer to.
export function named(element) {
  element.id ||= `part-${(ids += 1)}`;
  return element.id;
}
