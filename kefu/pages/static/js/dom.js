/** Building and keeping elements. Text is always set as text: nothing that anybody wrote becomes markup. */

/**
 * Make an element. `on` holds listeners, `class` the class names; true sets an attribute, false and null leave it out.
 * @param {string} tag
 * @param {Record<string, any> | null} [attributes]
 * @param {...(Node | string | null | false)} children
 * @returns {any}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null && child !== false && child !== "") element.append(child);
  return element;
}

/** @param {string} id */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return /** @type {any} */ (element);
}

/**
 * Make the children of `parent` what `items` say, touching only what changed: elements keep focus and selection.
 * @template Item
 * @param {Element} parent
 * @param {Map<string, {element: HTMLElement, mark: string}>} kept of the last call
 * @param {Item[]} items
 * @param {{key: (item: Item) => string, mark: (item: Item) => string, make: (item: Item, isNew: boolean) => HTMLElement}} how
 *   `mark`: an element whose mark is the same as before is kept as it is; otherwise it is made again, not new
 */
export function reconcile(parent, kept, items, { key, mark, make }) {
  const wanted = new Set(items.map(key));
  for (const [each, { element }] of kept) {
    if (wanted.has(each)) continue;
    element.remove();
    kept.delete(each);
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const [itemKey, itemMark] = [key(item), mark(item)];
    let entry = kept.get(itemKey);
    if (entry === undefined || entry.mark !== itemMark) {
      const element = make(item, entry === undefined);
      if (entry !== undefined) {
        if (entry.element === place) place = element;
        const focused = entry.element.contains(/** @type {any} */ (parent.getRootNode()).activeElement);
        entry.element.replaceWith(element);
        if (focused) /** @type {HTMLElement | null} */ (element.matches("button, a") ? element : element.querySelector("button, a"))?.focus();
      }
      entry = { element, mark: itemMark };
      kept.set(itemKey, entry);
    }
    if (entry.element === place) place = place.nextElementSibling;
    else parent.insertBefore(entry.element, place);
  }
}

/** Run once in the next frame, however often it was asked for. @param {() => void} run */
export function oncePerFrame(run) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    // A hidden page gets no frames, and its title has to count on: there the next task is soon enough.
    const later = document.hidden ? (/** @type {() => void} */ go) => setTimeout(go, 0) : requestAnimationFrame;
    later(() => {
      asked = false;
      run();
    });
  };
}
