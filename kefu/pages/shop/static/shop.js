// Pictures go up one after the other, a deletion asks first, times are shown in the reader's own zone.
const clock = new Intl.DateTimeFormat("zh-CN", { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) time.textContent = clock.format(new Date(time.dateTime));

for (const form of document.querySelectorAll("form[data-sure]")) {
  form.addEventListener("submit", (event) => confirm(form.dataset.sure) || event.preventDefault());
}

for (const input of document.querySelectorAll("input[type=file][data-pack]")) {
  input.addEventListener("change", () => void uploadAll(input, [...input.files]));
}

/** @param {HTMLInputElement} input @param {File[]} files */
async function uploadAll(input, files) {
  const told = input.closest(".sheet").querySelector(".progress");
  const faults = [];
  told.hidden = false;
  for (const [place, file] of files.entries()) {
    told.textContent = `正在上传 ${place + 1} / ${files.length}：${file.name}`;
    const fault = await upload(input.dataset, file);
    if (fault) faults.push(`${file.name}：${fault}`);
  }
  const said = faults.length > 0 ? `?said=${encodeURIComponent(faults.join("；"))}` : "";
  location.replace(`/settings/emoji${said}`);
}

/** @param {DOMStringMap} about @param {File} file @returns {Promise<string>} what went wrong, empty when nothing */
async function upload({ pack, csrf }, file) {
  const name = file.name.replace(/\.\w+$/, "");
  try {
    const answer = await fetch(`/settings/emoji/${pack}?name=${encodeURIComponent(name)}`, { method: "POST", body: file, headers: { "X-CSRF": csrf, "Content-Type": "application/octet-stream" } });
    return answer.ok ? "" : (await answer.json()).detail;
  } catch {
    return "网络中断，请再试一次";
  }
}
