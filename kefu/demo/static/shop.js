/** Who walks through the demo shop: an anonymous visitor, or one of its customers. A real shop knows this by itself. */
const KEPT_AS = "kefu.demo.customer";
const picker = /** @type {HTMLSelectElement} */ (document.getElementById("who"));

/** @param {string} account */
async function signIn(account) {
  if (account === "") return window.Kefu.signOut();
  const answer = await fetch(`/demo/people/${encodeURIComponent(account)}/login`, { method: "POST" });
  if (!answer.ok) {
    // The data was made anew since: nobody of that number is left.
    sessionStorage.removeItem(KEPT_AS);
    picker.value = "";
    return window.Kefu.signOut();
  }
  window.Kefu.signIn((await answer.json()).token);
}

picker.addEventListener("change", () => {
  sessionStorage.setItem(KEPT_AS, picker.value);
  void signIn(picker.value);
});

const asked = new URLSearchParams(location.search).get("as");
const known = [...picker.options].find((option) => option.dataset.customer === asked)?.value;
const kept = known ?? sessionStorage.getItem(KEPT_AS);
if (kept && [...picker.options].some((option) => option.value === kept)) {
  picker.value = kept;
  sessionStorage.setItem(KEPT_AS, kept);
  void signIn(kept);
}
