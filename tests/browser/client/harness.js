/** A test runner of one screen: the Python side opens a page, imports a test file and reads the results. */

/** @type {{name: string, run: () => unknown}[]} */
let registered = [];

/** @param {string} name @param {() => unknown} run may be async */
export function test(name, run) {
  registered.push({ name, run });
}

/** @param {string} url @returns {Promise<{name: string, error: string | null}[]>} */
export async function runFile(url) {
  registered = [];
  await import(url);
  const results = [];
  for (const { name, run } of registered) {
    try {
      await run();
      results.push({ name, error: null });
    } catch (error) {
      results.push({ name, error: error instanceof Error ? error.stack ?? error.message : String(error) });
    }
  }
  return results;
}

/** @param {unknown} condition @param {string} [message] */
export function ok(condition, message = "expected something true") {
  if (!condition) throw new Error(message);
}

/** Compare as JSON values; the order of keys does not matter. @param {unknown} actual @param {unknown} expected */
export function same(actual, expected, message = "values differ") {
  const [left, right] = [canonical(actual), canonical(expected)];
  if (left !== right) throw new Error(`${message}\n  actual:   ${left}\n  expected: ${right}`);
}

/** @param {() => unknown} run @param {string} code the code of the KefuError that must come */
export function throwsCode(run, code) {
  try {
    run();
  } catch (error) {
    same(/** @type {any} */ (error).code, code);
    return;
  }
  throw new Error(`expected ${code}, nothing was thrown`);
}

/** @param {unknown} value */
function canonical(value) {
  return JSON.stringify(value, (_, inner) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
