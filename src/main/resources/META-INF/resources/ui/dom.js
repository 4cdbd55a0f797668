// DOM builders. Documents carry hostile text, so nothing on this page is ever built by parsing a string as HTML:
// text becomes a text node, and a link may only point inside this server.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * el('a', {class: 'x', href: '#/', onclick: fn}, 'text', node, null).
 * null, undefined and false children are left out; a null or false attribute is not set; true sets it empty.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  append(node, children);
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === 'function' && name.startsWith('on')) {
    node.addEventListener(name.slice(2), value);
    return;
  }
  if (name.startsWith('on') || name === 'style') throw new Error(`el() sets no ${name}`);
  if (name === 'href' && !/^(#|\/(?!\/))/.test(value)) throw new Error(`el() links only inside this server: ${value}`);
  node.setAttribute(name, value === true ? '' : String(value));
}

export function append(node, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function svg(tag, attrs = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Writes only on change: a list of 200 rows is updated many times a second. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttr(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Text of unknown direction and origin: isolated, so that a right-to-left override cannot reorder the page. */
export function foreign(text, props = {}) {
  return el('bdi', props, text);
}

/** A button that copies `text`; says so on itself. The clipboard is missing on plain HTTP, then the button is too. */
export function copyButton(text, label = 'Copy') {
  if (!navigator.clipboard) return null;
  const button = el('button', {type: 'button', class: 'quiet small'}, label);
  button.addEventListener('click', async () => {
    const copied = await navigator.clipboard.writeText(typeof text === 'function' ? text() : text)
        .then(() => true, () => false);
    button.textContent = copied ? 'Copied' : 'Not copied';
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  return button;
}
