/** What the widget keeps in the browser. Where a browser keeps nothing, it lasts as long as the page. */

/** @returns {Storage | null} */
export function openStorage(kind = "localStorage") {
  try {
    const storage = window[/** @type {"localStorage"} */ (kind)];
    storage.getItem("kefu");
    return storage;
  } catch {
    return null; // the browser forbids it: cookies are blocked
  }
}

export class Keep {
  /** @param {Storage | null} storage @param {string} name */
  constructor(storage, name) {
    this._storage = storage;
    this._name = name;
    /** @type {string | null} */
    this._value = storage?.getItem(name) ?? null;
  }

  get value() {
    return this._value;
  }

  /** @param {string | null} value null forgets */
  set value(value) {
    this._value = value;
    try {
      if (value === null) this._storage?.removeItem(this._name);
      else this._storage?.setItem(this._name, value);
    } catch {
      // Full: it lasts as long as the page.
    }
  }
}
