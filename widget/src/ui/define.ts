/** Registers a custom element, unless the name is taken: a page may load the script twice. */
export function define(name: `rc-${string}`, constructor: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, constructor);
}
