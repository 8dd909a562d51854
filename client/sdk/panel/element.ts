type Attributes = Record<string, string | boolean>;

const SVG = 'http://www.w3.org/2000/svg';
const SVG_TAGS = /^(svg|circle|path)$/;

/** Makes an element without ever parsing a string: works where Trusted Types are required. */
export function element(tag: string, attributes: Attributes, ...children: (Node | string)[]): HTMLElement {
  const made = SVG_TAGS.test(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made as HTMLElement;
}

export function styleSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
